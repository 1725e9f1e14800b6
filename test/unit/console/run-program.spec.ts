import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ApplicationSource, BootOptions } from '../../../lib/console/application-source.js';
import { consumeCommand } from '../../../lib/console/commands/consume.command.js';
import { statsCommand } from '../../../lib/console/commands/stats.command.js';
import { runProgram } from '../../../lib/console/run-program.js';
import { MessengerModule } from '../../../lib/module/messenger.module.js';
import { FakeProcess } from './support/fake-process.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

const TRANSPORTS = { async: 'in-memory://', mail: 'in-memory://', sync: 'sync://' };

@Module({ imports: [MessengerModule.forRoot({ transports: TRANSPORTS })] })
class AppModule {}

@Module({ imports: [MessengerModule.forRoot({ transports: TRANSPORTS, failureTransport: 'faield' })] })
class MiswiredModule {}

@Module({})
class StrangerModule {}

@Injectable()
class Broken {
  constructor() {
    throw new TypeError('the database is down', { cause: new Error('ECONNREFUSED') });
  }
}

@Module({ providers: [Broken] })
class BrokenModule {}

async function run(source: ApplicationSource, argv: readonly string[], prompt = new ScriptedPrompt(false)) {
  const output = new MemoryOutput();
  const commands = argv[0] === 'stats' ? [statsCommand] : consumeCommand;
  const surroundings = { argv, output, host: new FakeProcess(), createPrompt: () => prompt };
  const exitCode = await runProgram({ name: 'x', description: '', commands }, source, surroundings);
  return { exitCode, stdout: output.stdout, stderr: output.stderr, questions: prompt.questions };
}

/** The application, closing in another way. */
function closingWith(close: () => Promise<void>): ApplicationSource {
  return async (options: BootOptions): Promise<INestApplicationContext> => {
    const app = await NestFactory.createApplicationContext(AppModule, options);
    return Object.assign(app, { close });
  };
}

describe('a program', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reports wrong wiring in one line with its code, and ends with 1', async () => {
    const { exitCode, stdout, stderr } = await run(MiswiredModule, ['stats']);

    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^.*unknown transport "faield"\. .*\(MESSENGER_UNKNOWN_TRANSPORT\)\n$/);
  });

  it('shows where that is with -v', async () => {
    const { stderr } = await run(MiswiredModule, ['stats', '-v']);

    expect(stderr).toMatch(/UnknownTransportError: .*\n +at .*\n[^]*code: MESSENGER_UNKNOWN_TRANSPORT/);
  });

  it('reports an error of the application with its cause, and how to see more', async () => {
    const { exitCode, stderr } = await run(BrokenModule, ['stats']);

    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'TypeError: the database is down\nCause: ECONNREFUSED\nRun it with "-v" to see where.\n',
    );
  });

  it('reports in JSON where the log is in JSON', async () => {
    const { exitCode, stdout, stderr } = await run(MiswiredModule, ['async', '--format=json']);

    expect([exitCode, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      level: 'error',
      error: { name: 'UnknownTransportError', code: 'MESSENGER_UNKNOWN_TRANSPORT' },
    });
  });

  it('says so when the application does not use the package', async () => {
    const { exitCode, stderr } = await run(StrangerModule, ['stats']);

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^The application does not import the "MessengerModule" with its options\. .*\(MESSENGER_MODULE_MISSING\)\n$/,
    );
  });

  it('takes a function that boots the application with the options it is given', async () => {
    const given: BootOptions[] = [];
    const factory = (options: BootOptions) => {
      given.push(options);
      return NestFactory.createApplicationContext(AppModule, options);
    };

    expect((await run(factory, ['stats'])).exitCode).toBe(0);
    expect(given).toEqual([{ logger: expect.anything() as unknown, abortOnError: false }]);
  });

  it('ends with 1 when the application cannot be closed', async () => {
    const source = closingWith(() => Promise.reject(new RangeError('cannot close')));

    const { exitCode, stdout, stderr } = await run(source, ['stats', '--format=json']);

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/The application did not close properly\. cannot close/);
    expect(JSON.parse(stdout)).toHaveProperty('transports');
  });

  it('does not wait for ever for the application to close', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const source = closingWith(() => {
      setImmediate(() => vi.advanceTimersByTime(10_000));
      return new Promise(() => undefined);
    });

    const { exitCode, stderr } = await run(source, ['stats']);

    expect(exitCode).toBe(1);
    expect(stderr).toContain('The application did not close within 10 s; the process ends anyway.');
  });
});

describe('a worker program', () => {
  it('asks which receivers to consume if there are several, and somebody is there', async () => {
    const prompt = new ScriptedPrompt(true, 'mail,async');

    const { exitCode, stdout, questions } = await run(AppModule, ['--time-limit=0.001'], prompt);

    expect(questions).toEqual(['Which receivers shall be consumed?']);
    expect(stdout).toMatch(/Worker \S+ consumes "mail", "async"\.\n/);
    expect(exitCode).toBe(0);
  });

  it('names the receivers where nobody is', async () => {
    const { exitCode, stderr } = await run(AppModule, []);

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^Name the receivers to consume.* Receivers: "async", "mail"\.\n$/);
  });

  it('consumes all receivers but those that handle at once', async () => {
    const { stdout } = await run(AppModule, ['--all', '--time-limit=0.001']);

    expect(stdout).toContain('consumes "async", "mail".');
  });

  it.each([
    [['async', '--bus=quere'], 'The bus "quere" does not exist. Known buses: "default".\n'],
    [['async', '--queues=a'], 'Transport "async" has no queues to choose from; leave "queues" out.\n'],
    [['async', '--limit=0'], 'Option "--limit" must be a positive integer, "0" passed.\n'],
  ])('ends with 2 when it cannot work as it was asked to: %j', async (argv, stderr) => {
    expect(await run(AppModule, argv)).toMatchObject({ exitCode: 2, stderr, stdout: '' });
  });

  it('logs nothing but errors with -q', async () => {
    expect(await run(AppModule, ['async', '--time-limit=0.001', '-q'])).toMatchObject({
      stdout: '',
      stderr: '',
    });
  });
});
