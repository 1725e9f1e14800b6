import { setTimeout as sleep } from 'node:timers/promises';
import type { MessengerLogger } from '../../../../event/logger.js';
import type { SqlConnection } from '../../transactions/sql-connection.js';
import type { Notice, NoticeListener, ServerNotices } from '../server.notices.js';
import type { ServerPool } from '../server.pool.js';
import type { PostgresConnections } from './postgres.connections.js';
import { PostgresListener } from './postgres.listener.js';
import { channelOf, decodeNotice, encodeNotice } from './postgres.notice-codec.js';

/** Of the transactions that only tell something, none waits for the disk. */
const TELL = `SELECT set_config('synchronous_commit', 'off', true), pg_notify(channel, payload)
  FROM unnest($1::text[], $2::text[]) AS notice (channel, payload)`;

/** Between two statements that tell something, in milliseconds. The first is sent at once; what comes soon after it shares the next. */
const TELL_EVERY_MS = 3;

/** What {@link PostgresNotices} are made of. */
export interface PostgresNoticesSetup {
  readonly pool: ServerPool;
  readonly connections: PostgresConnections;
  /** Unlike that of any other process. */
  readonly consumer: string;
  readonly description: string;
  readonly logger: MessengerLogger | undefined;
}

/**
 * Notices by NOTIFY. They are sent after the commit of what they tell, not with it: PostgreSQL lets no two transactions commit at the
 * same time that notify somebody. What is told meanwhile goes with the next statement.
 */
export class PostgresNotices implements ServerNotices {
  readonly #pool: ServerPool;
  readonly #teller: string;
  readonly #listener: PostgresListener;
  readonly #listeners = new Map<string, Set<NoticeListener>>();
  #waiting = new Map<string, readonly [channel: string, notice: Notice]>();
  #telling: Promise<void> | undefined;

  constructor({ pool, connections, consumer, description, logger }: PostgresNoticesSetup) {
    this.#pool = pool;
    this.#teller = consumer;
    this.#listener = new PostgresListener({
      connections,
      pool,
      description,
      logger,
      onPayload: (channel, payload) => this.#heard(channel, payload),
      onChange: () => this.#everyListener().forEach((listener) => listener.onChange()),
    });
  }

  get isHearing(): boolean {
    return this.#listener.isHearing;
  }

  listen(table: string, listener: NoticeListener): () => void {
    const channel = channelOf(table);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    listeners.add(listener);
    this.#listener.listen(channel);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        this.#listeners.delete(channel);
        this.#listener.unlisten(channel);
      }
    };
  }

  tell(table: string, notice: Notice): void {
    const channel = channelOf(table);
    const key = `${channel} ${'signal' in notice ? `signal ${notice.signal}` : `due ${notice.queue}`}`;
    const waiting = this.#waiting.get(key)?.[1];
    const isSooner =
      waiting === undefined || 'signal' in waiting || 'signal' in notice || notice.dueIn < waiting.dueIn;
    if (isSooner) {
      this.#waiting.set(key, [channel, notice]);
    }
    this.#telling ??= this.#tellWaiting();
  }

  async tellIn(transaction: SqlConnection, table: string, notice: Notice): Promise<void> {
    await transaction.query('SELECT pg_notify($1::text, $2::text)', [
      channelOf(table),
      // Its own process has to hear of it, too: only the database knows when it commits.
      encodeNotice('', notice),
    ]);
  }

  async drained(): Promise<void> {
    await this.#telling;
  }

  async close(): Promise<void> {
    await this.drained();
    await this.#listener.close();
  }

  /** Never rejects: who waits looks by himself now and then. */
  async #tellWaiting(): Promise<void> {
    // Others of this turn shall go with it, and whoever waits for a commit shall be able to send the next before it.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0) {
      const notices = [...this.#waiting.values()];
      this.#waiting = new Map();
      const channels = notices.map(([channel]) => channel);
      const payloads = notices.map(([, notice]) => encodeNotice(this.#teller, notice));
      const pause = sleep(TELL_EVERY_MS);
      try {
        await this.#pool.lend((session) => session.again(TELL, [channels, payloads]));
      } catch {
        // The database is out of reach; who could not be told looks when it is back.
      }
      await pause;
    }
    this.#telling = undefined;
  }

  #heard(channel: string, payload: string): void {
    const notice = decodeNotice(this.#teller, payload);
    if (notice !== undefined) {
      this.#listeners.get(channel)?.forEach((listener) => listener.onNotice(notice));
    }
  }

  #everyListener(): readonly NoticeListener[] {
    return [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
  }
}
