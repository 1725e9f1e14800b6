import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSqliteDriver } from '../../lib/transports/sql/sqlite/sqlite.driver.js';
import type { CrashPoint } from '../fixtures/outbox-app/crash-point.js';
import { OutboxAppModule, type OutboxAppOptions } from '../fixtures/outbox-app/outbox-app.module.js';
import { placeOrders } from '../fixtures/outbox-app/place-orders.js';
import { AppPlayground } from './support/app-playground.js';
import type { Exit, Spawned } from './support/spawned.js';
import { until } from './support/until.js';

const KILLED: Exit = { code: null, signal: 'SIGKILL' };
const DONE: Exit = { code: 0, signal: null };

/** A message as it lies in a queue. */
interface Stored {
  readonly sequence: number;
  readonly customer: string;
  readonly id: string;
}

class OutboxPlayground extends AppPlayground<OutboxAppOptions> {
  constructor() {
    const producer = (options: OutboxAppOptions) => OutboxAppModule.in(options);
    super({ path: 'test/fixtures/outbox-app', producer }, (folder) => ({ folder }));
  }

  /** Places orders from this process. */
  async place(first: number, count: number): Promise<void> {
    const module = OutboxAppModule.in({ folder: this.folder });
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    await placeOrders(
      app,
      this.folder,
      Array.from({ length: count }, (_, index) => first + index),
    );
    await app.close();
  }

  /** Places ten orders from another process, which is killed at the fifth. */
  placeAndCrash(first: number, crashAt: CrashPoint): Promise<Exit> {
    return this.#spawnAt('producer.js', [String(first), '10'], crashAt).exited();
  }

  /** A worker on `db`, in which nothing but the relay has anything to do. */
  relay(crashAt?: CrashPoint): Spawned {
    return this.#spawnAt('worker.js', ['db'], crashAt);
  }

  consumer(crashAt?: CrashPoint): Spawned {
    return this.#spawnAt('worker.js', ['async'], crashAt);
  }

  /** The orders that were committed, in the order of the commits. */
  get committed(): readonly number[] {
    return this.#read('app.db', 'SELECT sequence FROM orders ORDER BY sequence').map(({ sequence }) =>
      Number(sequence),
    );
  }

  /** What is in the outbox still. */
  get waiting(): readonly Stored[] {
    return this.#messagesIn('app.db', 'default.outbox.async');
  }

  /** What has arrived at the target, in order. */
  get arrived(): readonly Stored[] {
    return existsSync(join(this.folder, 'queue.db')) ? this.#messagesIn('queue.db', 'default') : [];
  }

  async forwarded(): Promise<void> {
    await until('everything is forwarded', () => this.waiting.length === 0);
  }

  #spawnAt(script: string, args: readonly string[], crashAt: CrashPoint | undefined): Spawned {
    return this.spawn(script, args, crashAt === undefined ? {} : { E2E_CRASH_AT: crashAt });
  }

  #messagesIn(file: string, queue: string): readonly Stored[] {
    return this.#read(
      file,
      `SELECT body, headers FROM messenger_messages WHERE queue_name = '${queue}' ORDER BY id`,
    ).map(({ body, headers }) => {
      const { sequence, customer } = JSON.parse(String(body)) as Omit<Stored, 'id'>;
      const [, id = ''] = /MessageIdStamp":"\[\{\\"id\\":\\"([0-9a-f-]+)/.exec(String(headers)) ?? [];
      return { sequence, customer, id };
    });
  }

  #read(file: string, sql: string): ReadonlyArray<Readonly<Record<string, unknown>>> {
    const database = loadSqliteDriver('test').open(join(this.folder, file));
    try {
      database.exec('PRAGMA busy_timeout = 10000');
      const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'messenger_messages'").get();
      return exists === undefined ? [] : (database.prepare(sql).all() as Array<Record<string, unknown>>);
    } finally {
      database.close();
    }
  }
}

/** Without those that came before. */
function firsts(messages: readonly Stored[]): readonly Stored[] {
  return messages.filter(({ id }, index) => messages.findIndex((other) => other.id === id) === index);
}

const sequencesOf = (messages: readonly Stored[]): readonly number[] =>
  messages.map(({ sequence }) => sequence);

/** Deleted after the test. */
function createPlayground(): OutboxPlayground {
  const playground = new OutboxPlayground();
  onTestFinished(() => playground[Symbol.asyncDispose]());
  return playground;
}

describe('processes with an outbox that are killed', () => {
  it('a producer, before and after its commit: what is committed arrives, what is not never does', async () => {
    const playground = createPlayground();
    expect(await playground.placeAndCrash(0, 'before-commit')).toEqual(KILLED);
    expect(await playground.placeAndCrash(101, 'after-commit')).toEqual(KILLED);
    const killed = [0, 1, 3, 102, 103, 105];
    expect(playground.committed).toEqual(killed);
    expect(sequencesOf(playground.waiting)).toEqual(killed);
    await playground.place(200, 30);
    const { committed } = playground;
    expect(committed).toHaveLength(killed.length + 20);

    // A consumer forwards as well, and is killed with messages in its hands; another one goes on.
    expect(await playground.consumer('consumer').exited()).toEqual(KILLED);
    const consumer = playground.consumer();
    const handled = (): readonly string[] =>
      playground.ledger
        .filter((line) => line.startsWith('handled '))
        .map((line) => line.slice('handled '.length));
    await until('all are handled', () => new Set(handled()).size >= committed.length);
    consumer.kill('SIGTERM');

    expect(await consumer.exited()).toEqual(DONE);
    // One id for each order, however often it was handled.
    expect(new Set(handled()).size).toBe(committed.length);
    expect([...new Set(handled().map((line) => Number(line.split(' ')[0])))].sort((a, b) => a - b)).toEqual(
      committed,
    );
    expect(playground.waiting).toEqual([]);
  }, 120_000);

  it('a relay, before it forwards, in the middle, and before it settles: nothing is lost or out of order', async () => {
    const playground = createPlayground();
    await playground.place(0, 60);
    const { committed } = playground;
    const { length } = committed;

    expect(await playground.relay('before-forwarding').exited()).toEqual(KILLED);
    expect(playground.arrived).toEqual([]);
    expect(await playground.relay('mid-batch').exited()).toEqual(KILLED);
    expect(sequencesOf(playground.arrived)).toEqual(committed.slice(0, length / 2));
    expect(await playground.relay('before-settling').exited()).toEqual(KILLED);
    expect(playground.waiting).toHaveLength(length);
    playground.relay();
    await playground.forwarded();

    // The two that were killed after they had sent something are the only reason for a second copy.
    expect(playground.arrived).toHaveLength(length / 2 + length + length);
    expect(sequencesOf(firsts(playground.arrived))).toEqual(committed);
    expect(new Set(playground.arrived.map(({ id, sequence }) => `${id} ${sequence}`)).size).toBe(length);
  }, 120_000);

  it('a relay that is stopped beyond its lease, and continued: it forwards nothing that another one has', async () => {
    const playground = createPlayground();
    await playground.place(0, 30);
    const stopped = playground.relay('stopped-before-forwarding');
    await until('it has claimed everything and is stopped', () => isStopped(stopped.pid));
    const successor = playground.relay();
    await playground.forwarded();
    successor.kill('SIGTERM');
    expect(await successor.exited()).toEqual(DONE);
    const { arrived, committed } = playground;

    stopped.kill('SIGCONT');
    await stopped.written(/was taken over by another relay/);
    await playground.place(30, 30);
    await playground.forwarded();

    expect(sequencesOf(arrived)).toEqual(committed);
    expect(sequencesOf(playground.arrived)).toEqual(playground.committed);
  }, 120_000);
});

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
