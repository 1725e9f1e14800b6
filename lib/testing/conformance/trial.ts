import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Envelope } from '../../envelope/envelope.js';
import type { Stamp } from '../../envelope/stamp.js';
import { isCloseable } from '../../transport/capabilities.js';
import type { Receiver, Transport } from '../../transport/transport.js';
import { ConformanceMessage } from './conformance-message.js';
import type { ConformanceContext, ConformanceSubject } from './conformance-options.js';
import type { TransportFeature } from './transport-features.js';

/** How long a single fetch waits before the next look at the deadline. */
const GLANCE_MS = 100;

/** How long nothing has to come, and how long a fetch is given to reach its broker and wait there. */
const QUIET_MS = 50;

/** The limits a {@link Trial} goes by, all in milliseconds. */
export interface TrialLimits {
  readonly patience: number;
  readonly punctuality: number;
}

/** One case at work: the transport, its other consumers, and what every case does with them. */
export class Trial {
  readonly transport: Transport;
  readonly context: ConformanceContext;
  readonly limits: TrialLimits;
  readonly #subject: ConformanceSubject;
  readonly #has: (feature: TransportFeature) => boolean;
  readonly #transports: Transport[];

  constructor(
    subject: ConformanceSubject,
    context: ConformanceContext,
    limits: TrialLimits,
    has: (feature: TransportFeature) => boolean,
  ) {
    this.transport = subject.transport;
    this.context = context;
    this.limits = limits;
    this.#subject = subject;
    this.#has = has;
    this.#transports = [subject.transport];
  }

  /** Whether the suite moves the clock of the transport, rather than waiting. */
  get movesTime(): boolean {
    return this.#subject.advance !== undefined;
  }

  has(feature: TransportFeature): boolean {
    return this.#has(feature);
  }

  /** Another consumer of the same queue; the transport itself if there can be no other. */
  async second(): Promise<Transport> {
    return this.has('secondConsumer') ? this.#opened(await this.#required('second')()) : this.transport;
  }

  /** Another queue of the same broker. */
  async other(): Promise<Transport> {
    return this.#opened(await this.#required('other')());
  }

  async insertRaw(...args: Parameters<NonNullable<ConformanceSubject['insertRaw']>>): Promise<void> {
    await this.#required('insertRaw')(...args);
  }

  /** Sends one message for each content, together. */
  send(...contents: readonly string[]): Promise<readonly Envelope[]> {
    return this.transport.send(contents.map((content) => message(content)));
  }

  /**
   * Fetches exactly `count` messages, in as many fetches as it takes.
   *
   * @throws AssertionError if they have not come in time.
   */
  async receive(count: number, from: Receiver = this.transport): Promise<readonly Envelope[]> {
    const received: Envelope[] = [];
    const deadline = performance.now() + this.limits.patience;
    while (received.length < count) {
      received.push(...(await this.glance(from, count - received.length)));
      assert.ok(
        performance.now() < deadline || received.length >= count,
        `Expected ${count} messages within ${this.limits.patience} ms, got ${describe(received)}.`,
      );
    }
    return received;
  }

  /** Fetches the one message that has to come. */
  async receiveOne(from: Receiver = this.transport): Promise<Envelope> {
    const [envelope] = await this.receive(1, from);
    assert.ok(envelope);
    return envelope;
  }

  /**
   * Fetches the message that has to come `delay` milliseconds after `start`, not before and not much later.
   *
   * @param start by `performance.now()`, from before the message was sent.
   */
  async receiveDelayed(delay: number, start: number): Promise<Envelope> {
    if (this.movesTime) {
      await this.pass(delay - 1);
      await this.receiveNothing();
      await this.pass(1);
      return this.receiveOne();
    }
    const envelope = await this.receiveOne();
    const after = performance.now() - start;
    // The clocks of the two sides are read in whole milliseconds.
    assert.ok(after >= delay - 1, `It came after ${after} ms.`);
    assert.ok(after < delay + this.limits.punctuality, `It came only after ${after} ms.`);
    return envelope;
  }

  /** One fetch, which waits a little where time goes by. */
  async glance(from: Receiver, max: number): Promise<readonly Envelope[]> {
    if (!this.movesTime) {
      return from.get({ max, wait: GLANCE_MS });
    }
    // Time stands still, so a wait would never end.
    await sleep(0);
    return from.get({ max });
  }

  /** Checks that there is nothing to fetch. */
  async receiveNothing(from: Receiver = this.transport): Promise<void> {
    const received = await from.get({ max: 10, wait: this.movesTime ? 0 : QUIET_MS });
    assert.equal(received.length, 0, `Expected no message, got ${describe(received)}.`);
  }

  /** Lets `ms` milliseconds go by on the clock of the transport. */
  async pass(ms: number): Promise<void> {
    await (this.#subject.advance === undefined ? sleep(ms) : this.#subject.advance(ms));
  }

  /** Lets every lease run out that is not prolonged meanwhile; nothing if there are no leases. */
  async passLease(): Promise<void> {
    if (this.has('redelivery')) {
      await this.pass(this.context.leaseDuration + 1);
    }
  }

  /** Gives a fetch the time to reach the broker and wait there, which cannot be seen from outside. */
  async letWait(): Promise<void> {
    await sleep(this.movesTime ? 0 : QUIET_MS);
  }

  /** Looks until `check` no longer throws. */
  async eventually(check: () => Promise<void>): Promise<void> {
    const deadline = performance.now() + this.limits.patience;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (performance.now() > deadline) {
          throw error;
        }
        await sleep(10);
      }
    }
  }

  /** @throws AssertionError if `promise` has not settled within the punctuality of the transport. */
  async promptly<T>(promise: Promise<T>, what: string): Promise<T> {
    const { punctuality } = this.limits;
    const timeout = new AbortController();
    const late = sleep(punctuality, undefined, { signal: timeout.signal }).then(() =>
      assert.fail(`Expected ${what} within ${punctuality} ms.`),
    );
    try {
      return await Promise.race([promise, late]);
    } finally {
      timeout.abort();
      late.catch(() => undefined);
    }
  }

  /** Closes and removes everything. */
  async end(): Promise<void> {
    try {
      for (const transport of this.#transports) {
        await (isCloseable(transport) ? transport.close() : undefined);
      }
    } finally {
      await this.#subject.cleanup?.();
    }
  }

  #opened(transport: Transport): Transport {
    this.#transports.push(transport);
    return transport;
  }

  #required<K extends 'second' | 'other' | 'insertRaw'>(method: K): NonNullable<ConformanceSubject[K]> {
    const found = this.#subject[method];
    assert.ok(found, `What "create" returns has no "${method}", which a feature of the transport needs.`);
    return found.bind(this.#subject) as NonNullable<ConformanceSubject[K]>;
  }
}

/** A message of the suite. */
export function message(content: string, ...stamps: readonly Stamp[]): Envelope {
  return new Envelope<object>(new ConformanceMessage(content), stamps);
}

/** The content of a message of the suite. */
export function contentOf(envelope: Envelope): string {
  assert.ok(
    envelope.message instanceof ConformanceMessage,
    `Expected a "ConformanceMessage", got ${envelope.message.constructor.name}.`,
  );
  return envelope.message.content;
}

export function contentsOf(envelopes: readonly Envelope[]): string[] {
  return envelopes.map(contentOf);
}

/** The same in an order of its own, for transports that keep none. */
export function sorted(contents: readonly string[]): string[] {
  return contents.toSorted();
}

function describe(envelopes: readonly Envelope[]): string {
  const names = envelopes.map(({ message: { constructor }, message: content }) =>
    content instanceof ConformanceMessage ? `"${content.content.slice(0, 40)}"` : constructor.name,
  );
  return names.length === 0 ? 'none' : `${names.length}: ${names.slice(0, 10).join(', ')}`;
}
