import { codeOf, isVague } from './amqp.connection-errors.js';
import type { AmqpChannel } from './amqp.driver.js';
import type { AmqpSession } from './amqp.session.js';

/** Something that was declared, or is being declared. */
interface Declaration {
  /** In which epoch of the connection; nothing while it is on its way, and `any` if a new connection makes no difference. */
  epoch: number | 'any' | undefined;
  /** Until when it stands, by the monotonic clock. */
  until: number;
}

/** More channels at once would only wait for each other in the broker. */
const MAX_CHANNELS = 16;

/** Beyond so many it is looked which of them do not stand any more. */
const MANY = 500;

/** The broker's reply code for a type of exchange that it does not know. With it, it closes the whole connection. */
const COMMAND_INVALID = 503;

/** For how long the broker is not asked again after that, in milliseconds. */
const REFUSAL_MS = 10_000;

/**
 * What one transport has declared. Each thing is declared once for each connection, by all who want it at the same time together,
 * on a channel of its own, because the broker closes the channel when it refuses.
 */
export class AmqpDeclarations {
  readonly #session: AmqpSession;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly state: Declaration; readonly until: Promise<number> }>();
  readonly #waiting: Array<() => void> = [];
  #channels = 0;

  /** @param now a monotonic clock, in milliseconds. */
  constructor(session: AmqpSession, now: () => number) {
    this.#session = session;
    this.#now = now;
  }

  /**
   * Runs `declare`, unless that was done for `key`, on this connection and less than `lifetime` milliseconds ago. Resolves with
   * the time until which it stands, by the monotonic clock.
   *
   * A connection that is lost meanwhile is waited for once.
   *
   * @throws TransportError when it cannot be declared. The next call tries again.
   */
  stand(key: string, lifetime: number, declare: (channel: AmqpChannel) => Promise<unknown>): Promise<number> {
    const known = this.#known.get(key);
    if (known !== undefined && this.#stands(known.state)) {
      return known.until;
    }
    if (this.#known.size >= MANY) {
      this.#sweep();
    }
    const state: Declaration = { epoch: undefined, until: Number.POSITIVE_INFINITY };
    const until = this.#declare(key, state, lifetime, declare);
    this.#known.set(key, { state, until });
    return until;
  }

  /** Whether `key` was declared, and stands. */
  has(key: string): boolean {
    const state = this.#known.get(key)?.state;
    // In no epoch it is under way, and in any it was refused.
    return typeof state?.epoch === 'number' && this.#stands(state);
  }

  /** Declares everything anew when it is next needed. */
  forget(): void {
    this.#known.clear();
  }

  #stands({ epoch, until }: Declaration): boolean {
    const isCurrent = epoch === 'any' || epoch === this.#session.connection.epoch;
    return epoch === undefined || (isCurrent && this.#now() < until);
  }

  #sweep(): void {
    for (const [key, { state }] of this.#known) {
      if (!this.#stands(state)) {
        this.#known.delete(key);
      }
    }
  }

  async #declare(
    key: string,
    state: Declaration,
    lifetime: number,
    declare: (channel: AmqpChannel) => Promise<unknown>,
  ): Promise<number> {
    try {
      const { epoch, since } = await this.#persist(declare);
      state.until = since + lifetime;
      state.epoch = epoch;
      return state.until;
    } catch (error) {
      const failure = this.#session.errorOf(error);
      if (codeOf(failure.cause) === COMMAND_INVALID) {
        state.until = this.#now() + REFUSAL_MS;
        state.epoch = 'any';
      } else if (this.#known.get(key)?.state === state) {
        this.#known.delete(key);
      }
      throw failure;
    }
  }

  async #persist(
    declare: (channel: AmqpChannel) => Promise<unknown>,
  ): Promise<{ readonly epoch: number; readonly since: number }> {
    try {
      return await this.#once(declare);
    } catch (error) {
      if (!isVague(error)) {
        throw error;
      }
      return await this.#once(declare);
    }
  }

  async #once(
    declare: (channel: AmqpChannel) => Promise<unknown>,
  ): Promise<{ readonly epoch: number; readonly since: number }> {
    const leave = await this.#enter();
    const channel = await this.#opened(leave);
    const { epoch } = this.#session.connection;
    // Before the broker can have it: what stands for a time must not seem younger than it is.
    const since = this.#now();
    try {
      await declare(channel);
    } finally {
      // Not waited for: nothing depends on it, and it never ends if the connection does.
      channel.close().catch(leave);
    }
    return { epoch, since };
  }

  async #opened(leave: () => void): Promise<AmqpChannel> {
    try {
      const channel = await this.#session.channel();
      channel.on('close', leave);
      return channel;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Waits until a channel may be opened. Resolves with what is to be called, any number of times, when it is closed. */
  async #enter(): Promise<() => void> {
    if (this.#channels < MAX_CHANNELS) {
      this.#channels += 1;
    } else {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    let isOpen = true;
    return () => {
      if (isOpen) {
        isOpen = false;
        this.#leave();
      }
    };
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#channels -= 1;
    } else {
      next();
    }
  }
}
