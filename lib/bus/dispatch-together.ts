import type { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import { DispatchAllAbortedError } from '../errors/dispatch-all-aborted.error.js';
import type { TransportSender } from '../routing/transport-sender.js';
import { SendTogetherStamp } from '../stamp/send-together.stamp.js';
import { TransactionStamp } from '../stamp/transaction.stamp.js';

/**
 * A group that makes no progress for this long waits for something that waits for it: a middleware that lets only one message
 * through at a time.
 */
const STALLED_MS = 1000;

/** Dispatches one message of the group with these stamps added. */
export type DispatchWith<T extends object> = (stamps: readonly Stamp[]) => Promise<Envelope<T>>;

/**
 * Dispatches a group of messages. Those that are routed to transports wait for each other where they would be sent: once
 * every message of the group has arrived there or was handled, they are sent in order, one call for each set of
 * transports, and for each transaction if they belong to several. If a message fails before that, none is sent.
 *
 * If they cannot all get there, because a middleware lets only one message through at a time, what has arrived is sent after
 * a second, and the others one by one.
 */
export async function dispatchTogether<T extends object>(
  dispatches: ReadonlyArray<DispatchWith<T>>,
  sender: TransportSender,
): Promise<ReadonlyArray<Envelope<T>>> {
  const group = new Group(dispatches.length, sender);
  const outcomes = await Promise.allSettled(
    dispatches.map((dispatch, index) => group.follow(index, dispatch)),
  );
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  // The message that made the others abort tells more than they do.
  const cause = failed.find(({ reason }) => !(reason instanceof DispatchAllAbortedError)) ?? failed[0];
  if (cause !== undefined) {
    throw cause.reason;
  }
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<Envelope<T>>).value);
}

interface Arrival {
  readonly index: number;
  readonly envelope: Envelope;
  readonly transportNames: readonly string[];
  readonly resolve: (sent: Envelope) => void;
  readonly reject: (error: unknown) => void;
}

class Group {
  readonly #sender: TransportSender;
  readonly #done = new Set<number>();
  #arrivals: Arrival[] = [];
  #missing: number;
  #failure: { readonly error: unknown } | undefined;
  #isDissolved = false;
  #stalled: NodeJS.Timeout | undefined;

  constructor(size: number, sender: TransportSender) {
    this.#missing = size;
    this.#sender = sender;
  }

  async follow<T extends object>(index: number, dispatch: DispatchWith<T>): Promise<Envelope<T>> {
    const stamp = new SendTogetherStamp((envelope, transportNames) =>
      this.#arrive(index, envelope, transportNames),
    );
    try {
      const result = await dispatch([stamp]);
      this.#leave(index);
      return result.without(SendTogetherStamp);
    } catch (error) {
      this.#failure ??= { error };
      this.#leave(index);
      throw error;
    }
  }

  #arrive(index: number, envelope: Envelope, transportNames: readonly string[]): Promise<Envelope> {
    if (this.#isDissolved) {
      return this.#sender.send(envelope, transportNames);
    }
    return new Promise((resolve, reject) => {
      this.#arrivals.push({ index, envelope, transportNames, resolve, reject });
      this.#leave(index);
    });
  }

  /** Counts a message as done with what comes before the sending, once. */
  #leave(index: number): void {
    if (this.#done.has(index)) {
      return;
    }
    this.#done.add(index);
    this.#missing -= 1;
    clearTimeout(this.#stalled);
    if (this.#missing === 0) {
      this.#sendArrived();
    } else if (this.#arrivals.length > 0) {
      this.#stalled = setTimeout(() => this.#sendArrived(), STALLED_MS);
    }
  }

  #sendArrived(): void {
    this.#isDissolved = true;
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      arrivals.forEach(({ reject }) => reject(new DispatchAllAbortedError(error)));
      return;
    }
    const parts = partsOf(arrivals.sort((a, b) => a.index - b.index));
    if (parts.every((part) => this.#isSendable(part, arrivals))) {
      void this.#sendParts(parts);
    }
  }

  /** Never rejects. */
  async #sendParts(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      const sent = this.#sendPart(part);
      if (part.transaction !== undefined) {
        // A transaction has one connection, which takes one statement at a time.
        await sent;
      }
    }
  }

  /** Otherwise every message is rejected: those that cannot be sent with the reason. */
  #isSendable(part: Part, arrivals: readonly Arrival[]): boolean {
    try {
      part.arrivals
        .slice(0, 1)
        .forEach(({ envelope }) => this.#sender.assertSendable(envelope, part.transportNames));
      return true;
    } catch (error) {
      arrivals.forEach((arrival) =>
        arrival.reject(part.arrivals.includes(arrival) ? error : new DispatchAllAbortedError(error)),
      );
      return false;
    }
  }

  /** Never rejects: each of its messages learns what became of it. */
  async #sendPart({ arrivals, transportNames }: Part): Promise<void> {
    const envelopes = arrivals.map(({ envelope }) => envelope);
    await this.#sender.sendAll(envelopes, transportNames).then(
      (sent) => arrivals.forEach(({ resolve, envelope }, index) => resolve(sent[index] ?? envelope)),
      (error: unknown) => arrivals.forEach(({ reject }) => reject(error)),
    );
  }
}

/** Messages that go to the same transports in the same transaction, if any. */
interface Part {
  readonly transportNames: readonly string[];
  readonly transaction: object | undefined;
  readonly arrivals: Arrival[];
}

function partsOf(arrivals: readonly Arrival[]): readonly Part[] {
  const byTransports = new Map<string, Part[]>();
  const parts: Part[] = [];
  for (const arrival of arrivals) {
    const { envelope, transportNames } = arrival;
    const transaction = envelope.last(TransactionStamp)?.transaction;
    const key = JSON.stringify(transportNames);
    const alike = byTransports.get(key) ?? [];
    let part = alike.find((candidate) => candidate.transaction === transaction);
    if (part === undefined) {
      part = { transportNames, transaction, arrivals: [] };
      byTransports.set(key, [...alike, part]);
      parts.push(part);
    }
    part.arrivals.push(arrival);
  }
  return parts;
}
