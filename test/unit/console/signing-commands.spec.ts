import { describe, expect, it } from 'vitest';
import { CONSOLE_COMMANDS } from '../../../lib/console/run-console.js';
import { runProgram } from '../../../lib/console/run-program.js';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { MessageHandler } from '../../../lib/decorator/message-handler.decorator.js';
import { MessengerModule } from '../../../lib/module/messenger.module.js';
import { FakeProcess } from './support/fake-process.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

@AsMessage({ name: 'signing-commands.paid' })
class Paid {}

@AsMessage({ name: 'signing-commands.noted' })
class Noted {}

@AsMessage({ name: 'signing-commands.ordered' })
class Ordered {}

@MessageHandler(Ordered, { sign: true })
class Order {
  handle(_message: Ordered): void {
    // Nothing to do.
  }
}

const SECRET = 'a secret of at least thirty-two bytes';

async function run(...argv: readonly string[]): Promise<string> {
  const output = new MemoryOutput();
  const module = {
    module: class App {},
    providers: [Order],
    imports: [
      MessengerModule.forRoot({
        signing: { secret: SECRET },
        transports: {
          strict: { dsn: 'in-memory:', sign: { as: 'payments' } },
          lenient: { dsn: 'in-memory:', sign: { required: false } },
          plain: 'in-memory:',
        },
        routing: [
          [Paid, 'strict'],
          [Noted, 'lenient'],
          [Ordered, 'plain'],
        ],
      }),
    ],
  };
  await runProgram({ name: 'console', description: 'The console.', commands: CONSOLE_COMMANDS }, module, {
    argv,
    output,
    host: new FakeProcess(),
    createPrompt: () => new ScriptedPrompt(false),
  });
  expect(output.stdout).not.toContain(SECRET);
  return output.stdout;
}

describe('the console of an application that signs', () => {
  it('shows which transports do', async () => {
    const text = await run('debug');
    expect(text).toMatch(/^Name .* Signed/m);
    expect(text).toMatch(/^strict .* yes, and nothing else accepted$/m);
    expect(text).toMatch(/^lenient .* yes, but others are accepted$/m);
    expect(text).toMatch(/^plain .* -$/m);
    expect(JSON.parse(await run('debug', '--format=json'))).toMatchObject({
      transports: {
        strict: { signing: { as: 'payments', required: true } },
        lenient: { signing: { as: 'lenient', required: false } },
        plain: { signing: null },
      },
    });
  });

  it('says of a message whether it is signed, and refused without', async () => {
    expect(await run('explain', 'Paid')).toContain(
      '- It is signed for "payments"; a worker refuses one without a valid signature',
    );
    expect(await run('explain', 'Noted')).toContain(
      '- It is signed for "lenient"; a worker accepts one without a signature as well ("required: false")',
    );
    expect(await run('explain', 'Ordered')).toContain(
      '- It is signed for "plain"; a worker refuses one without a valid signature',
    );
  });
});
