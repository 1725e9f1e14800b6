import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConsumerInUseError } from '../../errors/consumer-in-use.error.js';
import { valueIn } from './redis.replies.js';
import type { RedisSession } from './redis.session.js';
import { ACQUIRE } from './scripts/presence.scripts.js';

/** How long a lease lasts that nobody renews, in milliseconds. */
export const LEASE_MS = 15_000;

/** How often to look whether a lease is still renewed, in milliseconds. */
const LOOK_MS = 500;

/** What a lease says about its holder. */
interface Holder {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** The holder's connection, as the server's list of clients knows it: number and name. */
  readonly client?: number;
  readonly name: string;
}

/** What is known of a holder. */
type Sign = 'alive' | 'dead' | 'unknown';

/** This process. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
}

/**
 * Makes sure that one live worker only consumes under a name.
 *
 * The lease is a key that the holder renews. It also names the holder's connection: a worker that was killed has lost it at
 * once, so its successor need not wait for the key to expire. Where the server does not tell of connections (a proxy, or a user
 * without permission), a dead process on the same host is noticed by its process id; else the successor waits to see whether
 * the key is renewed.
 */
export class RedisConsumerLease {
  readonly #session: RedisSession;
  readonly #key: string;
  readonly #consumer: string;
  readonly #process: ProcessIdentity;
  readonly #id = randomBytes(9).toString('base64url');
  #says = '';

  /** @param key where the lease is kept. */
  constructor(session: RedisSession, key: string, consumer: string, identity: ProcessIdentity) {
    this.#session = session;
    this.#key = key;
    this.#consumer = consumer;
    this.#process = identity;
  }

  /** What the key says while the lease is ours; empty before. */
  get says(): string {
    return this.#says;
  }

  /**
   * Takes the name, or makes sure that it is still ours. To be called after each reconnection.
   *
   * @param signal ends the wait for a sign of life.
   * @throws ConsumerInUseError when another live worker has it; TransportError.
   */
  async acquire(signal: AbortSignal): Promise<void> {
    const says = JSON.stringify(await this.#self());
    let replaceable = this.#says;
    for (;;) {
      const current = await this.#set(says, replaceable);
      if (current === undefined) {
        this.#says = says;
        return;
      }
      const holder = holderIn(current);
      if (holder !== undefined && holder.id !== this.#id) {
        await this.#assertDead(holder, signal);
      }
      replaceable = current;
    }
  }

  /**
   * Makes the lease last, after {@link acquire}.
   *
   * @throws ConsumerInUseError when another worker has taken the name; TransportError.
   */
  async renew(): Promise<void> {
    const current = await this.#set(this.#says, this.#says);
    const holder = current === undefined ? undefined : holderIn(current);
    if (holder !== undefined) {
      throw this.#inUse(holder);
    }
  }

  async #set(says: string, replaceable: string): Promise<string | undefined> {
    const current = await this.#session.run(ACQUIRE, [this.#key], [says, replaceable, LEASE_MS]);
    return (current as string | null) ?? undefined;
  }

  async #self(): Promise<Holder> {
    // Behind a command with a key, so that a cluster asks the node that keeps the lease.
    const [, id, given] = await this.#session.pipeline([
      ['get', this.#key],
      ['client', 'ID'],
      ['client', 'GETNAME'],
    ]);
    const { name } = this.#session.connection;
    const client = Number(valueIn(id));
    // A user may not be allowed to name his connection. It must not be missed in the list of clients then.
    const isListed = client > 0 && valueIn(given) === name;
    return { id: this.#id, ...this.#process, ...(isListed && { client }), name };
  }

  /** @throws ConsumerInUseError unless the holder is dead. */
  async #assertDead(holder: Holder, signal: AbortSignal): Promise<void> {
    let sign = await this.#askServer(holder);
    if (sign === 'unknown' && holder.host === this.#process.host) {
      sign = isRunning(holder.pid) ? 'unknown' : 'dead';
    }
    if (sign === 'alive' || (sign === 'unknown' && (await this.#isRenewed(signal)))) {
      throw this.#inUse(holder);
    }
  }

  async #askServer({ client, name }: Holder): Promise<Sign> {
    if (client === undefined) {
      return 'unknown';
    }
    const [, reply] = await this.#session.pipeline([
      ['get', this.#key],
      ['client', 'LIST', 'ID', client],
    ]);
    const list = valueIn(reply);
    if (typeof list !== 'string') {
      return 'unknown';
    }
    // After a restart of the server the number may be somebody else's.
    return list.includes(` name=${name} `) ? 'alive' : 'dead';
  }

  /** Waits until the lease was renewed, or is gone. */
  async #isRenewed(signal: AbortSignal): Promise<boolean> {
    let last = LEASE_MS;
    while (!signal.aborted) {
      const left = Number(await this.#session.call('pttl', this.#key));
      if (left <= 0 || left > last) {
        return left > 0;
      }
      last = left;
      await sleep(Math.min(LOOK_MS, left + 1), undefined, { signal }).catch(() => undefined);
    }
    return true;
  }

  #inUse({ host, pid }: Holder): ConsumerInUseError {
    const isSelf = host === this.#process.host && pid === this.#process.pid;
    const holder = isSelf
      ? 'another transport or worker of this process'
      : `process ${pid} on host "${host}"`;
    return new ConsumerInUseError(this.#session.transportName, this.#consumer, holder);
  }
}

function holderIn(lease: string): Holder | undefined {
  try {
    const holder = JSON.parse(lease) as Partial<Holder> | null;
    return typeof holder?.id === 'string' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code !== 'ESRCH';
  }
}
