import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessengerLogger } from '../../../../event/logger.js';
import type { ServerPool } from '../server.pool.js';
import type { DedicatedClient, PostgresConnections } from './postgres.connections.js';
import type { PgNotification } from './postgres.driver.js';

/** How long a notification to oneself may take, in milliseconds, before it counts as not coming. */
const PROBE_MS = 3000;

/** How often the connection proves that it hears, in milliseconds. */
const PROBE_EVERY_MS = 30_000;

/** After how many milliseconds a lost connection is replaced; the last one from then on. */
const RECONNECT_MS = [50, 200, 1000, 5000];

/** How often listening is tried where it was found not to work, in milliseconds. */
const DEAF_RETRY_MS = 60_000;

/** What a {@link PostgresListener} is made of. */
export interface PostgresListenerSetup {
  readonly connections: PostgresConnections;
  /** For the notifications to itself: on another connection than it listens on. */
  readonly pool: ServerPool;
  readonly description: string;
  readonly logger: MessengerLogger | undefined;
  readonly onPayload: (channel: string, payload: string) => void;
  /** Called when it begins to hear, and when it no longer does. */
  readonly onChange: () => void;
}

/** What became of a connection that listened. */
type Ending = 'lost' | 'deaf' | 'closed';

/**
 * The one connection of a process that listens to PostgreSQL, for as long as there is a channel to listen to.
 *
 * Behind a pooler that gives a connection to each transaction, LISTEN succeeds and nothing is ever heard. So the connection counts
 * only once it has heard a notification that was sent for the purpose, and has to hear one again from time to time.
 */
export class PostgresListener {
  readonly #setup: PostgresListenerSetup;
  readonly #channels = new Set<string>();
  readonly #probes = `nestjs_messenger_probe_${randomBytes(6).toString('hex')}`;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #dedicated: DedicatedClient | undefined;
  #isHearing = false;
  #hasWarned = false;
  #onProbe: ((payload: string) => void) | undefined;

  constructor(setup: PostgresListenerSetup) {
    this.#setup = setup;
  }

  get isHearing(): boolean {
    return this.#isHearing;
  }

  listen(channel: string): void {
    if (this.#channels.has(channel) || this.#closing.signal.aborted) {
      return;
    }
    this.#channels.add(channel);
    this.#running ??= this.#run();
    // A connection that fails tells so by itself, and all channels are listened to on the next.
    this.#dedicated?.client
      .query(`LISTEN ${channelIdentifier(channel)}`)
      // What was told until now was not heard.
      .then(this.#setup.onChange)
      .catch(() => undefined);
  }

  unlisten(channel: string): void {
    this.#channels.delete(channel);
    this.#dedicated?.client.query(`UNLISTEN ${channelIdentifier(channel)}`).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted; failures++) {
      const began = performance.now();
      const ending = await this.#session();
      this.#setHearing(false);
      if (ending === 'closed') {
        return;
      }
      if (performance.now() - began > PROBE_EVERY_MS) {
        failures = 0;
      }
      const pause =
        ending === 'deaf' ? DEAF_RETRY_MS : (RECONNECT_MS[Math.min(failures, RECONNECT_MS.length - 1)] ?? 0);
      await this.#sleep(pause * (0.5 + Math.random()));
    }
  }

  async #session(): Promise<Ending> {
    let dedicated: DedicatedClient | undefined;
    try {
      dedicated = await this.#setup.connections.dedicate();
      return dedicated === undefined
        ? this.#deaf('its pool has no connection to spare. Let it have two or more')
        : await this.#hear(dedicated);
    } catch {
      return 'lost';
    } finally {
      this.#dedicated = undefined;
      await dedicated?.end();
    }
  }

  async #hear(dedicated: DedicatedClient): Promise<Ending> {
    const { client } = dedicated;
    const lost = new AbortController();
    const onLoss = (): void => lost.abort();
    const onNotification = (notification: PgNotification): void => this.#heard(notification);
    client.on('notification', onNotification);
    client.on('error', onLoss);
    client.on('end', onLoss);
    try {
      return await this.#listen(dedicated, AbortSignal.any([lost.signal, this.#closing.signal]));
    } finally {
      // It may be a client of the application's pool, which goes back there.
      client.removeListener('notification', onNotification);
      client.removeListener('error', onLoss);
      client.removeListener('end', onLoss);
    }
  }

  async #listen(dedicated: DedicatedClient, signal: AbortSignal): Promise<Ending> {
    const { client } = dedicated;
    this.#dedicated = dedicated;
    for (const channel of [this.#probes, ...this.#channels]) {
      await client.query(`LISTEN ${channelIdentifier(channel)}`);
    }
    for (;;) {
      const isHeard = await this.#probe(signal);
      if (signal.aborted) {
        return this.#closing.signal.aborted ? 'closed' : 'lost';
      }
      if (!isHeard) {
        return this.#isHearing
          ? 'lost'
          : this.#deaf(
              'a notification sent to itself did not arrive, as behind a pooler that works by transaction. Connect past it',
            );
      }
      this.#setHearing(true);
      await this.#sleep(PROBE_EVERY_MS, signal);
    }
  }

  /** Whether a notification to itself arrives. Rejects if it cannot be sent. */
  async #probe(signal: AbortSignal): Promise<boolean> {
    const payload = randomBytes(6).toString('hex');
    const ended = new AbortController();
    const heard = new Promise<boolean>((resolve) => {
      this.#onProbe = (received) => received === payload && resolve(true);
    });
    try {
      await this.#setup.pool.lend((session) =>
        session.query("SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)", [
          this.#probes,
          payload,
        ]),
      );
      return await Promise.race([
        heard,
        this.#sleep(PROBE_MS, AbortSignal.any([signal, ended.signal])).then(() => false),
      ]);
    } finally {
      ended.abort();
      this.#onProbe = undefined;
    }
  }

  #heard({ channel, payload = '' }: PgNotification): void {
    if (channel === this.#probes) {
      this.#onProbe?.(payload);
    } else {
      this.#setup.onPayload(channel, payload);
    }
  }

  #deaf(reason: string): Ending {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#setup.logger?.log(
        'warn',
        `${this.#setup.description} does not let this process listen for new messages: ${reason}, or set "use_notify" to ` +
          'false. Until then it looks for them in intervals of "poll_interval".',
      );
    }
    return 'deaf';
  }

  #setHearing(isHearing: boolean): void {
    if (this.#isHearing !== isHearing) {
      this.#isHearing = isHearing;
      this.#hasWarned &&= !isHearing;
      this.#setup.onChange();
    }
  }

  /** Ends early when `signal` fires. Never rejects. */
  async #sleep(ms: number, signal: AbortSignal = this.#closing.signal): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}

/** A dot in a channel's name is a part of it. */
function channelIdentifier(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}
