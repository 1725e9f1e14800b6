import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { getTransportToken } from '../../../lib/module/tokens.js';
import type { MessageCountAware, MessageCounts } from '../../../lib/transport/capabilities.js';
import { compiledApp } from './compiled-app.js';
import { Spawned } from './spawned.js';
import { until } from './until.js';

/** An application that can be run in a process of its own and in this one. */
export interface FixtureApp<O> {
  /** Its folder, from the root of the repository. It is compiled to be spawned. */
  readonly path: string;
  /** The application as it runs in this process, where it only dispatches. */
  readonly producer: (options: O) => DynamicModule;
  /** How long a wait for one of its processes may take, in milliseconds. @default 15000 */
  readonly deadlineMs?: number;
}

/** A folder of its own, an application in this process that dispatches, and processes of the same application. */
export class AppPlayground<O extends { readonly folder: string }> {
  readonly folder: string;
  readonly #fixture: FixtureApp<O>;
  readonly #options: O;
  readonly #spawned: Spawned[] = [];
  #app: Promise<INestApplicationContext> | undefined;

  constructor(fixture: FixtureApp<O>, optionsIn: (folder: string) => O) {
    this.folder = mkdtempSync(join(tmpdir(), 'messenger-e2e-'));
    this.#fixture = fixture;
    this.#options = optionsIn(this.folder);
  }

  /** `node dist/worker.js …` */
  worker(...args: readonly string[]): Spawned {
    return this.spawn('worker.js', args);
  }

  /** `node dist/messenger.js …` */
  messenger(...args: readonly string[]): Spawned {
    return this.spawn('messenger.js', args);
  }

  /** A worker that waits for messages or handles them. */
  async runningWorker(...args: readonly string[]): Promise<Spawned> {
    const worker = this.worker(...args);
    await worker.written(/consumes/);
    return worker;
  }

  /** Any script of the application, in a process of its own. */
  spawn(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Spawned {
    const common = { E2E_OPTIONS: JSON.stringify(this.#options), NO_COLOR: '1' };
    const { path, deadlineMs } = this.#fixture;
    const spawned = new Spawned(join(compiledApp(path), script), args, { ...common, ...env }, deadlineMs);
    this.#spawned.push(spawned);
    return spawned;
  }

  /** Dispatches in this process, which is not the worker's. */
  async dispatch(messages: readonly object[], stamps: readonly Stamp[] = []): Promise<void> {
    const bus = (await this.#producer()).get(MessageBus);
    await bus.dispatchAll(
      messages.map((message) => message),
      stamps,
    );
  }

  async counts(transport: string): Promise<MessageCounts> {
    return (await this.#producer()).get<MessageCountAware>(getTransportToken(transport)).messageCount();
  }

  /** What the handlers of all processes have done, each process in its order. */
  get ledger(): readonly string[] {
    return [...this.ledgers.values()].flat();
  }

  /** What the handlers have done, by the id of their process. */
  get ledgers(): ReadonlyMap<number, readonly string[]> {
    const names = readdirSync(this.folder).filter((name) => name.startsWith('ledger.'));
    return new Map(names.map((name) => [Number(name.slice('ledger.'.length)), this.#linesOf(name)]));
  }

  /** Resolves when a handler has written this. */
  async recorded(line: string): Promise<void> {
    await until(`the ledger has "${line}"`, () => this.ledger.includes(line), this.#fixture.deadlineMs);
  }

  turnOn(name: string): void {
    writeFileSync(join(this.folder, name), '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#spawned.filter(({ hasExited }) => !hasExited);
    running.forEach((spawned) => spawned.kill('SIGKILL'));
    await Promise.all(running.map((spawned) => spawned.ended));
    await (await this.#app?.catch(() => undefined))?.close();
    if (existsSync(this.folder)) {
      rmSync(this.folder, { recursive: true });
    }
  }

  #linesOf(name: string): readonly string[] {
    return readFileSync(join(this.folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  #producer(): Promise<INestApplicationContext> {
    return (this.#app ??= NestFactory.createApplicationContext(this.#fixture.producer(this.#options), {
      logger: false,
      abortOnError: false,
    }));
  }
}
