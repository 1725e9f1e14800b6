import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { NestFactory } from '@nestjs/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import { CONSOLE_COMMANDS } from '../../../lib/console/run-console.js';
import { runProgram } from '../../../lib/console/run-program.js';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { MessengerModule } from '../../../lib/module/messenger.module.js';
import { FakeProcess } from './support/fake-process.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

@AsMessage({ name: 'outbox-commands.paid' })
class Paid {}

/** An application whose transport has its outbox in a file, and the console on it. */
function consoleApp() {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-console-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const module = () => ({
    module: class App {},
    imports: [
      MessengerModule.forRoot({
        transports: {
          async: { dsn: `sqlite:${folder}/queue.db?auto_setup=false`, outbox: 'db' },
          db: `sqlite:${folder}/app.db?auto_setup=false`,
        },
        routing: [[Paid, 'async']],
      }),
    ],
  });
  return {
    async run(...argv: readonly string[]) {
      const output = new MemoryOutput();
      const program = { name: 'console', description: 'The console.', commands: CONSOLE_COMMANDS };
      const exitCode = await runProgram(program, module(), {
        argv,
        output,
        host: new FakeProcess(),
        createPrompt: () => new ScriptedPrompt(false),
      });
      return { exitCode, stdout: output.stdout, stderr: output.stderr };
    },
    async dispatch(message: object): Promise<void> {
      const app = await NestFactory.createApplicationContext(module(), { logger: false });
      await app.get(MessageBus, { strict: false }).dispatch(message);
      await app.close();
    },
  };
}

describe('the console of an application with an outbox', () => {
  it('sets it up, counts what is not forwarded yet, and shows where it is', async () => {
    const app = consoleApp();

    expect((await app.run('stats', 'async')).stderr).toContain(
      'Could not count "async (outbox in db)". Transport "db": the table "messenger_messages" does not exist.',
    );
    expect((await app.run('setup-transports', 'async')).stdout).toBe(
      'Transport "async": ready.\nOutbox of "async" in "db": ready.\n',
    );
    await app.dispatch(new Paid());

    expect((await app.run('stats')).stdout.replace(/\d\S* s$/m, '… s')).toBe(
      [
        'Transport             Ready  In flight  Delayed  Oldest',
        'async                 0      0          0        -',
        'async (outbox in db)  1      0          0        … s',
        'db                    0      0          0        -',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await app.run('stats', 'async', '--format=json')).stdout)).toEqual({
      transports: { async: { ready: 0, inFlight: 0, delayed: 0, oldestAge: 0 } },
      outboxes: {
        async: { store: 'db', ready: 1, inFlight: 0, delayed: 0, oldestAge: expect.any(Number) as number },
      },
      uncountable_transports: [],
    });
    expect((await app.run('debug')).stdout).toMatch(
      /Failure transport {2}Outbox in\nasync .* db *\ndb .* - *\n/,
    );
    expect(JSON.parse((await app.run('debug', '--format=json')).stdout)).toMatchObject({
      transports: { async: { outbox: 'db' }, db: { outbox: null } },
    });
    expect(JSON.parse((await app.run('setup-transports', '--format=json')).stdout)).toEqual({
      transports: [
        { name: 'async', status: 'ready' },
        { name: 'async', outbox: 'db', status: 'ready' },
        { name: 'db', status: 'ready' },
      ],
    });
  });
});
