import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DynamicModule, type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBus } from '../../../../lib/bus/message-bus.js';
import { AsMessage } from '../../../../lib/decorator/as-message.decorator.js';
import { MessageHandler } from '../../../../lib/decorator/message-handler.decorator.js';
import type { Stamp } from '../../../../lib/envelope/stamp.js';
import { FailedMessages } from '../../../../lib/failure/failed-messages.js';
import { MessengerModule } from '../../../../lib/module/messenger.module.js';
import { WorkerFactory } from '../../../../lib/worker/worker-factory.js';
import { type ConsoleRun, runConsoleOn } from './console-on.js';
import { FakeProcess } from './fake-process.js';
import type { MemoryOutput } from './memory-output.js';
import type { ScriptedPrompt } from './scripted-prompt.js';

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

/** An application with an SQLite file of its own, booted on first use, and the console on it, in this process. */
export class ConsoleApp {
  readonly switchboard = new Switchboard();
  readonly host = new FakeProcess();
  #app: Promise<INestApplicationContext> | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'messenger-console-'));

  async run(argv: readonly string[], prompt?: ScriptedPrompt, output?: MemoryOutput): Promise<ConsoleRun> {
    // Each run is a process of its own.
    this.host.removeAllListeners();
    const surroundings = { host: this.host, ...(prompt && { prompt }), ...(output && { output }) };
    return runConsoleOn(await this.#boot(), argv, surroundings);
  }

  async dispatch(messages: readonly object[], stamps: readonly Stamp[] = []): Promise<void> {
    await (await this.#get(MessageBus)).dispatchAll(messages, stamps);
  }

  /** Dispatches messages that fail for good. */
  async fail(...messages: readonly object[]): Promise<void> {
    await this.dispatch(messages);
    this.switchboard.isBroken = true;
    await (await this.#get(WorkerFactory)).create(['async'], { stopWhenIdle: true }).run();
    this.switchboard.isBroken = false;
  }

  /** The ids in the failure transport. */
  async failedIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { id } of (await this.#get(FailedMessages)).list('failed')) {
      ids.push(id);
    }
    return ids;
  }

  /** Whether the database was made. */
  get hasFile(): boolean {
    return existsSync(join(this.#folder, 'messenger.db'));
  }

  async delete(): Promise<void> {
    await (await this.#app)?.close();
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

  async #get<T>(type: abstract new (...args: never[]) => T): Promise<T> {
    return (await this.#boot()).get(type, { strict: false });
  }

  #boot(): Promise<INestApplicationContext> {
    const options = { logger: false, abortOnError: false } as const;
    return (this.#app ??= NestFactory.createApplicationContext(this.module(), options));
  }
}
