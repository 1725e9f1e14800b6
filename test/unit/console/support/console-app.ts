import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBus } from '../../../../lib/bus/message-bus.js';
import type { ExitCode } from '../../../../lib/console/exit-code.js';
import { CONSOLE_COMMANDS } from '../../../../lib/console/run-console.js';
import { runProgram } from '../../../../lib/console/run-program.js';
import { AsMessage } from '../../../../lib/decorator/as-message.decorator.js';
import { MessageHandler } from '../../../../lib/decorator/message-handler.decorator.js';
import type { Stamp } from '../../../../lib/envelope/stamp.js';
import { FailedMessages } from '../../../../lib/failure/failed-messages.js';
import { MessengerModule } from '../../../../lib/module/messenger.module.js';
import { WorkerFactory } from '../../../../lib/worker/worker-factory.js';
import { FakeProcess } from './fake-process.js';
import { MemoryOutput } from './memory-output.js';
import { ScriptedPrompt } from './scripted-prompt.js';

@AsMessage({ name: 'order.placed' })
export class OrderPlaced {
  constructor(readonly orderId: number) {}
}

export class MailSent {
  constructor(readonly to: string) {}
}

/** What handlers shall do, and have done. */
export class Switchboard {
  readonly handled: object[] = [];
  isBroken = false;
  /** A promise keeps the message in hand. */
  onHandled: () => unknown = () => undefined;
}

@Injectable()
export class Orders {
  readonly #switchboard: Switchboard;

  constructor(switchboard: Switchboard) {
    this.#switchboard = switchboard;
  }

  @MessageHandler({ handles: OrderPlaced, priority: 5, fromTransport: 'async' })
  @MessageHandler(MailSent)
  handle(message: object): unknown {
    if (this.#switchboard.isBroken) {
      throw new RangeError(`cannot handle ${JSON.stringify(message)}`);
    }
    this.#switchboard.handled.push(message);
    return this.#switchboard.onHandled();
  }

  @MessageHandler(MailSent, { bus: 'event' })
  archive(): void {}
}

/** What a run of the console came to. */
export interface ConsoleRun {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: () => unknown;
}

/** An application with an SQLite file of its own, and the console on it, in this process. */
export class ConsoleApp {
  readonly switchboard = new Switchboard();
  readonly host = new FakeProcess();
  readonly #folder = mkdtempSync(join(tmpdir(), 'messenger-console-'));

  /** Runs one command on the application, which boots for it and closes after it. */
  async run(
    argv: readonly string[],
    prompt = new ScriptedPrompt(false),
    output = new MemoryOutput(),
  ): Promise<ConsoleRun> {
    const program = { name: 'console', description: 'The console.', commands: CONSOLE_COMMANDS };
    const surroundings = { argv, output, host: this.host, createPrompt: () => prompt };
    const exitCode = await runProgram(program, this.module(), surroundings);
    const { stdout, stderr } = output;
    return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
  }

  async dispatch(messages: readonly object[], stamps: readonly Stamp[] = []): Promise<void> {
    await this.#inApplication(async (get) => {
      await get(MessageBus).dispatchAll(messages, stamps);
    });
  }

  /** Dispatches messages that fail for good. */
  async fail(...messages: readonly object[]): Promise<void> {
    await this.dispatch(messages);
    this.switchboard.isBroken = true;
    await this.#inApplication(async (get) => {
      await get(WorkerFactory).create(['async'], { stopWhenIdle: true }).run();
    });
    this.switchboard.isBroken = false;
  }

  /** The ids in the failure transport. */
  async failedIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    await this.#inApplication(async (get) => {
      for await (const { id } of get(FailedMessages).list('failed')) {
        ids.push(id);
      }
    });
    return ids;
  }

  /** Whether the database was made. */
  get hasFile(): boolean {
    return existsSync(join(this.#folder, 'messenger.db'));
  }

  delete(): void {
    rmSync(this.#folder, { recursive: true });
  }

  module(): DynamicModule {
    @Module({})
    class AppModule {}
    const dsn = `sqlite:${this.#folder}/messenger.db`;
    return {
      module: AppModule,
      imports: [
        MessengerModule.forRoot({
          transports: {
            async: { dsn, retry: { maxRetries: 0 } },
            failed: `${dsn}?queue_name=failed`,
            memory: 'in-memory://',
            sync: 'sync://',
          },
          failureTransport: 'failed',
          routing: [['*', 'async']],
          buses: { command: {}, event: { allowNoHandlers: true } },
          defaultBus: 'command',
        }),
      ],
      providers: [Orders, { provide: Switchboard, useValue: this.switchboard }],
    };
  }

  async #inApplication(
    act: (get: <T>(type: abstract new (...args: never[]) => T) => T) => Promise<void>,
  ): Promise<void> {
    const app = await NestFactory.createApplicationContext(this.module(), {
      logger: false,
      abortOnError: false,
    });
    await act((type) => app.get(type, { strict: false }));
    await app.close();
  }
}
