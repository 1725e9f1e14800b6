import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import { getTransportToken } from '../../../lib/module/tokens.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import type { MessageCounts } from '../../../lib/transport/capabilities.js';
import type { SqliteTransport } from '../../../lib/transports/sqlite/sqlite.transport.js';
import { E2eAppModule, type E2eOptions } from '../../fixtures/e2e-app/e2e-app.module.js';
import { compiledApp } from './compiled-app.js';
import { Spawned } from './spawned.js';

const DEADLINE_MS = 15_000;

/** Resolves when the condition is met; fails after a deadline. */
export async function until(what: string, isMet: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await isMet())) {
    if (performance.now() > deadline) {
      throw new TypeError(`The deadline passed before ${what}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A folder with a database of its own, an application in this process that dispatches, and processes that consume. */
export class Playground {
  readonly folder = mkdtempSync(join(tmpdir(), 'messenger-e2e-'));
  readonly #options: E2eOptions;
  readonly #spawned: Spawned[] = [];
  #app: INestApplicationContext | undefined;

  constructor(options: Omit<E2eOptions, 'folder'> = {}) {
    this.#options = { ...options, folder: this.folder };
  }

  /** `node dist/worker.js …` */
  worker(...args: readonly string[]): Spawned {
    return this.#spawn('worker.js', args);
  }

  /** `node dist/messenger.js …` */
  messenger(...args: readonly string[]): Spawned {
    return this.#spawn('messenger.js', args);
  }

  /** A worker that waits for messages or handles them. */
  async runningWorker(...args: readonly string[]): Promise<Spawned> {
    const worker = this.worker(...args);
    await worker.written(/consumes/);
    return worker;
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
    return (await this.#producer()).get<SqliteTransport>(getTransportToken(transport)).messageCount();
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
    await until(`the ledger has "${line}"`, () => this.ledger.includes(line));
  }

  turnOn(name: string): void {
    writeFileSync(join(this.folder, name), '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#spawned.filter(({ hasExited }) => !hasExited);
    running.forEach((spawned) => spawned.kill('SIGKILL'));
    await Promise.all(running.map((spawned) => spawned.exited()));
    await this.#app?.close();
    if (existsSync(this.folder)) {
      rmSync(this.folder, { recursive: true });
    }
  }

  #linesOf(name: string): readonly string[] {
    return readFileSync(join(this.folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  async #producer(): Promise<INestApplicationContext> {
    const options: E2eOptions = { ...this.#options, hasOwnWorker: false, isMiswired: false };
    return (this.#app ??= await NestFactory.createApplicationContext(E2eAppModule.in(options), {
      logger: false,
      abortOnError: false,
    }));
  }

  #spawn(script: string, args: readonly string[]): Spawned {
    const env = { E2E_OPTIONS: JSON.stringify(this.#options), NO_COLOR: '1' };
    const spawned = new Spawned(join(compiledApp(), script), args, env);
    this.#spawned.push(spawned);
    return spawned;
  }
}
