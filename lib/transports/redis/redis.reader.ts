import type { RedisConnection } from './redis.connection.js';
import { entriesOf, type RedisDelivery, textOf } from './redis.delivery.js';
import { RedisSilence } from './redis.silence.js';
import { WAKE_UP } from './scripts/presence.scripts.js';

/** What one transport waits for. */
export interface ReadRequest {
  readonly stream: string;
  /** The key of the stream by which it is woken. */
  readonly wakeUps: string;
  readonly max: number;
  /** Milliseconds. */
  readonly wait: number;
  readonly signals: readonly AbortSignal[];
}

/** Why a consumer was woken: its own process wants it, a message was delayed, or some were handed back. */
export interface WakeUp {
  readonly id: string;
  readonly reason: string;
  readonly value: string;
}

/** What a read brought. */
export interface ReadResult {
  readonly deliveries: readonly RedisDelivery[];
  readonly wakeUps: readonly WakeUp[];
}

interface Waiter {
  readonly request: ReadRequest;
  readonly deadline: number;
  readonly end: (result: ReadResult) => void;
  readonly fail: (error: unknown) => void;
}

/** The longest time for which Redis is asked to wait, in milliseconds, so that a dead connection is noticed. */
const LONGEST_BLOCK_MS = 5000;

/** How long an interrupted read may take to end, in milliseconds. */
const INTERRUPT_MS = 1000;

/**
 * Waits for the messages of several streams on one connection, with one command at a time.
 *
 * Redis cannot be told to wait for more, or less, while it waits. So each consumer has a small stream of its own by which it can
 * be woken: by its own process, when another transport begins to wait or one has to stop; and by other processes, when a
 * message was delayed or handed back. What was written there is never missed, even right before the wait begins.
 */
export class RedisReader {
  readonly #connection: RedisConnection;
  readonly #group: string;
  readonly #consumer: string;
  readonly #purpose: string;
  readonly #waiters = new Set<Waiter>();
  readonly #watched = new WeakSet<AbortSignal>();
  #isWorking = false;
  /** The keys of the read that waits now. */
  #blocked: ReadonlySet<string> | undefined;
  #blockedMs = 0;
  #isInterrupted = false;
  /** A read that outlives its time has lost its server. */
  readonly #silence = new RedisSilence({
    limit: () => this.#blockedMs + this.#connection.endpoint.commandTimeout,
    isOneServer: true,
    onSilent: (limit) => this.#connection.drop(this.#purpose, limit),
  });

  /** @param purpose tells readers of one connection apart. */
  constructor(connection: RedisConnection, group: string, consumer: string, purpose: string) {
    this.#connection = connection;
    this.#group = group;
    this.#consumer = consumer;
    this.#purpose = purpose;
  }

  /** Resolves when there are messages or a reason to wake up; with nothing when the time is over or a signal fires. */
  read(request: ReadRequest): Promise<ReadResult> {
    request.signals.forEach((signal) => this.#watch(signal));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        request,
        deadline: performance.now() + request.wait,
        end: (result) => {
          this.#waiters.delete(waiter);
          resolve(result);
        },
        fail: (error) => {
          this.#waiters.delete(waiter);
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      if (!this.#isWorking) {
        void this.#work();
      } else if (this.#blocked !== undefined) {
        this.#interrupt();
      }
    });
  }

  /** Listens to a signal once, however many reads it is for: to begin and end with each would cost more than the read. */
  #watch(signal: AbortSignal): void {
    if (!this.#watched.has(signal)) {
      this.#watched.add(signal);
      signal.addEventListener('abort', () => this.#aborted(), { once: true });
    }
  }

  /** Never rejects: errors go to those who wait. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiters.size > 0) {
      // Transports that run empty in the same turn are waited for together; and one whose time was over begins to wait again
      // a turn later.
      await nextTurn();
      await nextTurn();
      this.#dismiss();
      const waiters = [...this.#waiters];
      if (waiters.length > 0) {
        await this.#readFor(waiters);
      }
    }
    this.#isWorking = false;
  }

  async #readFor(waiters: readonly Waiter[]): Promise<void> {
    const keys = [...new Set(waiters.flatMap(({ request }) => [request.stream, request.wakeUps]))];
    this.#blocked = new Set(keys);
    try {
      const reply = await this.#block(
        keys,
        Math.min(...waiters.map(({ request }) => request.max)),
        Math.min(LONGEST_BLOCK_MS, ...waiters.map(({ deadline }) => deadline - performance.now())),
      );
      this.#distribute(waiters, reply);
    } catch (error) {
      waiters.forEach((waiter) => (isCancelled(waiter) ? waiter.end(NOTHING) : waiter.fail(error)));
    } finally {
      this.#blocked = undefined;
      this.#isInterrupted = false;
    }
  }

  async #block(keys: readonly string[], max: number, ms: number): Promise<unknown> {
    // Zero would mean for ever.
    const block = Math.max(1, Math.ceil(ms));
    const client = this.#connection.blocking(this.#purpose);
    this.#blockedMs = block;
    const how = ['GROUP', this.#group, this.#consumer, 'COUNT', max, 'BLOCK', block];
    return this.#silence.until(
      client.callBuffer('xreadgroup', [...how, 'STREAMS', ...keys, ...keys.map(() => '>')]),
    );
  }

  #distribute(waiters: readonly Waiter[], reply: unknown): void {
    const entries = new Map(entriesOf(reply));
    const take = (key: string): readonly RedisDelivery[] => {
      const taken = entries.get(key) ?? [];
      // Two who wait for one stream do not get the same messages.
      entries.delete(key);
      return taken;
    };
    for (const waiter of waiters) {
      const deliveries = take(waiter.request.stream);
      const wakeUps = take(waiter.request.wakeUps).map(wakeUpOf);
      if (deliveries.length > 0 || wakeUps.length > 0) {
        waiter.end({ deliveries, wakeUps });
      }
    }
    this.#dismiss();
  }

  /** Ends the waits that are over. */
  #dismiss(): void {
    const now = performance.now();
    for (const waiter of this.#waiters) {
      if (isCancelled(waiter) || waiter.deadline <= now) {
        waiter.end(NOTHING);
      }
    }
  }

  #aborted(): void {
    const isBlocked = ({ request }: Waiter): boolean => this.#blocked?.has(request.wakeUps) === true;
    if ([...this.#waiters].some((waiter) => isCancelled(waiter) && isBlocked(waiter))) {
      this.#interrupt();
    }
  }

  /** Makes the read that waits now return. A server that does not answer is left. */
  #interrupt(): void {
    const [key] = [...(this.#blocked ?? [])].slice(1);
    if (this.#isInterrupted || key === undefined) {
      return;
    }
    this.#isInterrupted = true;
    const blocked = this.#blocked;
    const leave = (): void => {
      if (this.#blocked === blocked) {
        this.#silence.giveUp(INTERRUPT_MS);
      }
    };
    setTimeout(leave, INTERRUPT_MS).unref();
    void this.#connection
      .ask((commands) => commands.call('eval', [WAKE_UP.lua, 1, key, SELF, '']))
      .then((id) => (id === null ? leave() : undefined), leave);
  }
}

const NOTHING: ReadResult = { deliveries: [], wakeUps: [] };

/** The reason of a wake-up by the own process. */
const SELF = 'self';

/** The readers of one connection: one for each group and consumer, and in a cluster one for each stream. */
export class RedisReaders {
  readonly #connection: RedisConnection;
  readonly #readers = new Map<string, RedisReader>();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  of(group: string, consumer: string, stream: string): RedisReader {
    const purpose = JSON.stringify([group, consumer, this.#connection.isCluster ? stream : '']);
    let reader = this.#readers.get(purpose);
    if (reader === undefined) {
      reader = new RedisReader(this.#connection, group, consumer, purpose);
      this.#readers.set(purpose, reader);
    }
    return reader;
  }
}

/** A wake-up as it was read, whoever read it. */
export function wakeUpOf({ id, fields: [reason, value] }: RedisDelivery): WakeUp {
  return { id, reason: textOf(reason), value: textOf(value) };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isCancelled({ request }: Waiter): boolean {
  return request.signals.some(({ aborted }) => aborted);
}
