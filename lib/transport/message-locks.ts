import { createHash } from 'node:crypto';
import type { Envelope } from '../envelope/envelope.js';
import { DeduplicationUnavailableError } from '../errors/deduplication-unavailable.error.js';
import { MissingCapabilityError } from '../errors/missing-capability.error.js';
import { quoted } from '../errors/quoted.js';
import type { MessengerLogger } from '../event/logger.js';
import { classOf } from '../message/message-class.js';
import { DeduplicateStamp } from '../stamp/deduplicate.stamp.js';
import { DeduplicationLockStamp } from '../stamp/deduplication-lock.stamp.js';
import { DelayStamp } from '../stamp/delay.stamp.js';
import { type DeduplicationLocks, isDeduplicationStore } from './capabilities.js';
import type { TransportRegistry } from './transport-registry.js';

/** What {@link MessageLocks} needs. */
export interface MessageLocksOptions {
  readonly transports: TransportRegistry;
  readonly logger: MessengerLogger;
  /** The transport that keeps every lock. @default of each message the first that it is routed to and that can */
  readonly storeName?: string | undefined;
}

/** A lock as it travels with its message. */
interface Lock {
  readonly stamp: DeduplicateStamp;
  readonly transportName: string;
  readonly token: string;
}

/** A key that every store can take as it is. Any other is hashed; the `#` before a hash is in no plain key. */
const PLAIN_KEY = /^[\w.:/@-]{1,128}$/;

/** The locks of messages with a `DeduplicateStamp`, wherever they are kept. */
export class MessageLocks {
  readonly #options: MessageLocksOptions;

  /** @throws UnknownTransportError, MissingCapabilityError when `storeName` is no transport that can keep locks. */
  constructor(options: MessageLocksOptions) {
    const { transports, storeName } = options;
    this.#options = options;
    if (storeName !== undefined && !isDeduplicationStore(transports.get(storeName))) {
      throw new MissingCapabilityError(
        storeName,
        'keep the locks of DeduplicateStamps',
        `Name another one in the option "deduplication" of the module; those that can: ${quoted(this.#able())}.`,
      );
    }
  }

  /**
   * Says which transport keeps the lock of a message.
   *
   * @param transportNames where the message is routed to.
   * @throws DeduplicationUnavailableError
   */
  storeOf(envelope: Envelope, transportNames: readonly string[]): string {
    const found = this.#options.storeName ?? transportNames.find((name) => this.#find(name) !== undefined);
    if (found === undefined) {
      throw new DeduplicationUnavailableError(classOf(envelope.message).name, transportNames, this.#able());
    }
    return found;
  }

  /**
   * Takes the lock for a message that carries a {@link DeduplicationLockStamp}, until its `ttl` after it is due.
   *
   * @returns whether the message has it now.
   * @throws TransportError; the lock is free then, unless the store is out of reach for the release as well.
   */
  async acquire(envelope: Envelope): Promise<boolean> {
    const lock = lockOf(envelope);
    if (lock === undefined) {
      return false;
    }
    try {
      const isAcquired = await this.#acquire(lock, envelope.last(DelayStamp)?.delay ?? 0);
      if (!isAcquired) {
        const text = `"${classOf(envelope.message).name}" is dropped: another message has the lock "${lock.stamp.key}".`;
        this.#options.logger.log('debug', text);
      }
      return isAcquired;
    } catch (error) {
      // Only the answer may have been lost. Who dispatches again must not be kept out by a message that does not exist.
      await this.release(envelope);
      throw error;
    }
  }

  /**
   * Keeps the lock for a message that will be tried again after `delay` milliseconds; takes it again if it has expired and
   * nobody else has it. Does nothing if the message holds none while it is handled. Never rejects.
   */
  async keep(envelope: Envelope, delay: number): Promise<void> {
    const lock = lockOf(envelope);
    if (lock !== undefined && !lock.stamp.onlyInQueue) {
      await this.#guarded('prolong', lock, () => this.#acquire(lock, delay));
    }
  }

  /** Releases the lock, if the message holds one. Never rejects: a lock ends by itself if its store is out of reach. */
  async release(envelope: Envelope): Promise<void> {
    const lock = lockOf(envelope);
    if (lock !== undefined) {
      await this.#guarded('release', lock, () => this.#storeOf(lock).release(nameOf(lock), lock.token));
    }
  }

  async #acquire(lock: Lock, delay: number): Promise<boolean> {
    return this.#storeOf(lock).acquire(nameOf(lock), lock.token, Math.ceil(lock.stamp.ttl * 1000 + delay));
  }

  async #guarded(
    verb: string,
    { stamp, transportName }: Lock,
    action: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await action();
    } catch (error) {
      const text = `Could not ${verb} the lock "${stamp.key}" in transport "${transportName}"; it ends after its ttl.`;
      this.#options.logger.log('warn', text, { error });
    }
  }

  /** @throws UnknownTransportError, MissingCapabilityError when another application took the lock elsewhere. */
  #storeOf({ transportName }: Lock): DeduplicationLocks {
    const transport = this.#options.transports.get(transportName);
    if (!isDeduplicationStore(transport)) {
      const hint =
        'Give the transport the same name in every application that takes or handles these messages.';
      throw new MissingCapabilityError(transportName, 'keep the locks of DeduplicateStamps', hint);
    }
    return transport.locks;
  }

  #find(transportName: string): DeduplicationLocks | undefined {
    const { transports } = this.#options;
    const transport = transports.has(transportName) ? transports.get(transportName) : undefined;
    return transport !== undefined && isDeduplicationStore(transport) ? transport.locks : undefined;
  }

  #able(): readonly string[] {
    return this.#options.transports.names().filter((name) => this.#find(name) !== undefined);
  }
}

function lockOf(envelope: Envelope): Lock | undefined {
  const stamp = envelope.last(DeduplicateStamp);
  const held = envelope.last(DeduplicationLockStamp);
  return stamp === undefined || held === undefined
    ? undefined
    : { stamp, transportName: held.transportName, token: held.token };
}

/** The key as it is stored. */
function nameOf({ stamp: { key } }: Lock): string {
  return PLAIN_KEY.test(key) ? key : `#${createHash('sha256').update(key).digest('hex')}`;
}
