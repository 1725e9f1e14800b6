import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type Clock, systemClock } from '../../../lib/envelope/clock.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { JsonSerializer } from '../../../lib/serializer/json.serializer.js';
import { QuarantiningSerializer } from '../../../lib/serializer/quarantining.serializer.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { StampRegistry } from '../../../lib/serializer/stamp-registry.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import type { Transport } from '../../../lib/transport/transport.js';
import { loadSqliteDriver, type SqliteDatabase } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { SqliteTransportFactory } from '../../../lib/transports/sql/sqlite/sqlite.transport-factory.js';
import { createCore, handler } from '../../fixtures/core.js';

export class Paid {
  constructor(
    readonly id: number,
    readonly customer = 'ada',
  ) {}
}

export function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-outbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'app.db');
}

/** A database of the application, which is not one of the transport's connections. */
export function database(file: string): SqliteDatabase {
  const opened = loadSqliteDriver('test').open(file);
  onTestFinished(() => void opened.close());
  opened.exec('PRAGMA busy_timeout = 5000');
  return opened;
}

/** Runs `work` in a transaction of the application. */
export async function inTransaction<T>(on: SqliteDatabase, work: () => Promise<T>): Promise<T> {
  on.exec('BEGIN IMMEDIATE');
  try {
    const result = await work();
    on.exec('COMMIT');
    return result;
  } catch (error) {
    on.exec('ROLLBACK');
    throw error;
  }
}

export function serializer(): Serializer {
  const registry = new MessageRegistry();
  registry.register(Paid);
  const stamps = new StampRegistry();
  return new QuarantiningSerializer(new JsonSerializer({ registry, stamps }), { registry, stamps });
}

/** A transport on the file with a connection of its own, as another process has. */
export function openStore(file: string, query = '', clock: Clock = systemClock): SqlTransport {
  const factory = new SqliteTransportFactory({ clock });
  const context = { transportName: 'db', serializer: serializer() };
  const transport = factory.create(new Dsn(`sqlite:${file}${query}`, 'db'), {}, context);
  onTestFinished(() => transport.close());
  return transport;
}

export function outboxIn(store: SqlTransport): SqlTransport {
  const queue = store.outboxOf('async', serializer());
  onTestFinished(() => queue.close());
  return queue;
}

/** A process of the application: its bus, and a worker on demand. */
export function startApp(
  openDb: () => SqlTransport,
  async: Transport,
  more: Readonly<Record<string, Transport>> = {},
) {
  const db = openDb();
  const queue = outboxIn(db);
  const handled: Paid[] = [];
  const switchboard: { handle: (message: Paid) => unknown } = { handle: () => undefined };
  const core = createCore({
    clock: systemClock,
    routes: [[Paid, 'async']],
    handlers: [
      handler<Paid>('P', Paid, async (message) => {
        await switchboard.handle(message);
        handled.push(message);
      }),
    ],
    transports: { async, db, ...more },
    outboxes: [{ targetName: 'async', storeName: 'db', queue }],
    policies: { async: { failureTransport: 'failed' } },
  });
  return {
    ...core,
    db,
    queue,
    handled,
    /** What is done with a message. */
    switchboard,
    /** A worker that is stopped after the test. */
    startWorker(receiver: string) {
      const worker = core.workers.create([receiver]);
      const result = worker.run();
      onTestFinished(async () => {
        worker.stop('the test is over');
        await result;
      });
    },
  };
}

export const eventually = (assertion: () => unknown): Promise<unknown> =>
  vi.waitFor(assertion, { timeout: 15_000, interval: 10 });
