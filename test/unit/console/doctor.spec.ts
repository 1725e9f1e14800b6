import { Module } from '@nestjs/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONSOLE_COMMANDS } from '../../../lib/console/run-console.js';
import { runProgram } from '../../../lib/console/run-program.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { MessengerModule } from '../../../lib/module/messenger.module.js';
import type { MessengerOptions } from '../../../lib/module/messenger-options.js';
import type { Located } from '../../../lib/transport/capabilities.js';
import type { Diagnosable } from '../../../lib/transport/diagnosable.js';
import type { Finding } from '../../../lib/transport/finding.js';
import type { TransportFactory } from '../../../lib/transport/transport-factory.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';
import { ConsoleApp } from './support/console-app.js';
import { FakeProcess } from './support/fake-process.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

const finding = (code: string, level: Finding['level']): Finding => ({
  code,
  level,
  problem: `the broker has ${code}.`,
  remedy: `Mend ${code}.`,
});

/** Finds what it is told to, or cannot be reached. */
class DiagnosedTransport extends RecordingTransport implements Diagnosable, Located {
  constructor(
    readonly location: string,
    private readonly found: readonly Finding[] | Error,
  ) {
    super();
  }

  async diagnose(): Promise<readonly Finding[]> {
    if (this.found instanceof Error) {
      throw this.found;
    }
    return this.found;
  }
}

/** Runs `doctor` on an application whose transports have these findings. */
async function doctor(
  found: Readonly<Record<string, readonly Finding[] | Error>>,
  argv: readonly string[] = [],
  options: Partial<MessengerOptions> = {},
) {
  const factory: TransportFactory = {
    schemes: ['test'],
    create: (dsn, _options, { transportName }) =>
      new DiagnosedTransport(dsn.rest, found[transportName] ?? []),
  };
  @Module({
    imports: [
      MessengerModule.forRoot({
        transports: Object.fromEntries(Object.keys(found).map((name) => [name, `test://${name}`])),
        ...('failed' in found && { failureTransport: 'failed' }),
        transportFactories: [factory],
        ...options,
      }),
    ],
  })
  class AppModule {}
  const output = new MemoryOutput();
  const exitCode = await runProgram(
    { name: 'console', description: 'The console.', commands: CONSOLE_COMMANDS },
    AppModule,
    {
      argv: ['doctor', ...argv],
      output,
      host: new FakeProcess(),
      createPrompt: () => new ScriptedPrompt(false),
    },
  );
  const { stdout, stderr } = output;
  return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}

describe('doctor', () => {
  it('says what is so and what to do, the worst first, and fails', async () => {
    const { exitCode, stdout } = await doctor({
      async: [finding('test.power', 'advice'), finding('test.full', 'loss')],
      failed: [],
    });

    expect(stdout).toBe(
      'Transport "async"\n' +
        '  loss       test.full: the broker has test.full.\n' +
        '             Mend test.full.\n' +
        '  advice     test.power: the broker has test.power.\n' +
        '             Mend test.power.\n' +
        'Transport "failed": nothing was found.\n' +
        '1 finding(s) may lose messages, 1 advice.\n',
    );
    expect(exitCode).toBe(1);
  });

  it('is content where there is only advice, unless it is strict', async () => {
    const found = { async: [finding('test.power', 'advice')], failed: [finding('test.acl', 'unchecked')] };

    expect(await doctor(found)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/\n1 advice, 1 not checked\.\n$/) as string,
    });
    expect((await doctor(found, ['--strict'])).exitCode).toBe(1);
  });

  it('does not fail because of what is accepted, and names what was accepted in vain', async () => {
    const found = { async: [finding('test.full', 'loss')], failed: [finding('test.power', 'advice')] };

    expect(await doctor(found, ['--accept=test.full', '--accept=test.old'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('test.full (accepted): ') as string,
      stderr: 'Nothing was found with the code "test.old" of --accept.\n',
    });
    expect((await doctor(found, ['--strict', '--accept=test.full'])).exitCode).toBe(1);
    expect((await doctor(found, ['--strict', '--accept=test.full', '--accept=test.power'])).exitCode).toBe(0);
  });

  it('fails for a transport that cannot be reached, and looks at the others', async () => {
    const { exitCode, json } = await doctor(
      { async: new TransportError('async', 'it cannot be reached.'), failed: [finding('test.full', 'loss')] },
      ['--format=json'],
    );

    expect(json()).toEqual({
      healthy: false,
      transports: [
        {
          name: 'async',
          status: 'unreachable',
          error: 'Transport "async": it cannot be reached.',
          findings: [],
        },
        {
          name: 'failed',
          status: 'checked',
          findings: [{ ...finding('test.full', 'loss'), accepted: false }],
        },
      ],
    });
    expect(exitCode).toBe(1);
  });

  it('misses a failure transport, of those that are none themselves', async () => {
    const { json } = await doctor({}, ['--format=json'], {
      transports: {
        async: 'test://async',
        orders: { dsn: 'test://orders', failureTransport: 'failed' },
        failed: 'test://failed',
      },
    });

    const codes = (json() as { transports: Array<{ name: string; findings: Finding[] }> }).transports.map(
      ({ name, findings }) => [name, ...findings.map(({ code }) => code)],
    );
    expect(codes).toEqual([['async', 'failure-transport'], ['orders'], ['failed']]);
  });

  it('tells of two transports in one place', async () => {
    const { stdout } = await doctor({ a: [], b: [], failed: [] }, [], {
      transports: { a: 'test://same', b: 'test://same', failed: 'test://failed' },
    });

    expect(stdout).toContain('same-place: "b" keeps messages in the same place: ');
    expect(stdout).toContain('same-place: "a" keeps messages in the same place: ');
  });

  it('knows what is forgotten, and looks only at those that are named', async () => {
    const app = new ConsoleApp();
    onTestFinished(() => app.delete());

    const { exitCode, stdout } = await app.run(['doctor', 'memory', 'sync', 'failed']);

    expect(stdout).toMatch(/^Transport "memory"\n {2}loss +ephemeral: /);
    expect(stdout).toContain('\nTransport "sync": stores nothing.\n');
    expect(stdout).toContain(
      '\nTransport "failed"\n  advice     sqlite.synchronous: "synchronous" is "normal" ',
    );
    expect(stdout).not.toContain('"async"');
    expect(exitCode).toBe(1);
    expect(app.hasFile).toBe(false);
  });
});
