import type { AmqpChannel } from './amqp.driver.js';
import type { AmqpDelivery } from './amqp.stamps.js';

/** What becomes of a delivery: done; given up, so that the broker drops or dead-letters it; or back into its queue. */
export type AmqpVerdict = 'ack' | 'reject' | 'requeue';

const SMALLEST_CAPACITY = 1024;

/**
 * Which deliveries of one channel are not settled yet.
 *
 * The tags of a channel count up from 1, so one byte for each, in a ring, is all it takes: maps and sets with a coming and
 * going like this are slow to collect. And since it is known which is the lowest tag that is not settled, all before it can be
 * settled by one command.
 */
export class AmqpUnsettled {
  readonly #channel: AmqpChannel;
  #isOpen = true;
  /** By tag, modulo its length, which is a power of two: 1 if it is not settled. */
  #ring = new Uint8Array(SMALLEST_CAPACITY);
  /** No tag below it is unsettled. */
  #lowest = 1;
  #highest = 0;
  #count = 0;

  /** @param channel on which only deliveries arrive that are added here. */
  constructor(channel: AmqpChannel) {
    this.#channel = channel;
  }

  get count(): number {
    return this.#count;
  }

  /** Notes that the delivery with this tag arrived; the tags must arrive in their order. */
  add(tag: number): void {
    if (tag - this.#lowest >= this.#ring.length) {
      this.#grow(tag);
    }
    this.#ring[tag & (this.#ring.length - 1)] = 1;
    this.#highest = tag;
    this.#count += 1;
  }

  /** The channel is gone, and with it what was not settled: the broker delivers it again. */
  end(): void {
    this.#isOpen = false;
    this.#count = 0;
  }

  /**
   * Settles deliveries. Answers for each whether it still could be: not if the channel is gone, or if it is settled already,
   * since the broker closes a channel for that.
   *
   * @param onSettled called for each that was settled now.
   */
  settle<D extends AmqpDelivery>(
    deliveries: readonly D[],
    verdict: AmqpVerdict,
    onSettled: (delivery: D) => void,
  ): boolean[] {
    const answers: boolean[] = [];
    const settled: D[] = [];
    for (const delivery of deliveries) {
      const isOurs = this.#isOpen && this.#remove(delivery.tag);
      answers.push(isOurs);
      if (isOurs) {
        settled.push(delivery);
        onSettled(delivery);
      }
    }
    return this.#tell(settled, verdict) ? answers : answers.map(() => false);
  }

  /** @returns whether it was unsettled. */
  #remove(tag: number): boolean {
    const place = tag & (this.#ring.length - 1);
    if (tag < this.#lowest || tag > this.#highest || this.#ring[place] !== 1) {
      return false;
    }
    this.#ring[place] = 0;
    this.#count -= 1;
    return true;
  }

  /** @returns whether the channel still took it. */
  #tell(settled: readonly AmqpDelivery[], verdict: AmqpVerdict): boolean {
    const lowest = this.#advance();
    let last: AmqpDelivery | undefined;
    let together = 0;
    const single: AmqpDelivery[] = [];
    for (const delivery of settled) {
      if (delivery.tag >= lowest) {
        single.push(delivery);
        continue;
      }
      together += 1;
      if (last === undefined || delivery.tag > last.tag) {
        last = delivery;
      }
    }
    try {
      if (last !== undefined) {
        this.#send(last, verdict, together > 1);
      }
      // The oldest first: a consumer that waits elsewhere shall get what goes back in its order.
      for (const delivery of verdict === 'requeue' ? single.toSorted((a, b) => a.tag - b.tag) : single) {
        this.#send(delivery, verdict, false);
      }
      return true;
    } catch {
      // The driver says so by an error. Nothing is lost: the broker delivers it again.
      return false;
    }
  }

  #send({ message }: AmqpDelivery, verdict: AmqpVerdict, andThoseBefore: boolean): void {
    if (verdict === 'ack') {
      this.#channel.ack(message, andThoseBefore);
    } else {
      this.#channel.nack(message, andThoseBefore, verdict === 'requeue');
    }
  }

  /** The lowest tag that is not settled now. */
  #advance(): number {
    const mask = this.#ring.length - 1;
    while (this.#lowest <= this.#highest && this.#ring[this.#lowest & mask] !== 1) {
      this.#lowest += 1;
    }
    return this.#lowest;
  }

  #grow(tag: number): void {
    let length = this.#ring.length;
    while (tag - this.#lowest >= length) {
      length *= 2;
    }
    const ring = new Uint8Array(length);
    for (let each = this.#lowest; each <= this.#highest; each++) {
      ring[each & (length - 1)] = this.#ring[each & (this.#ring.length - 1)] ?? 0;
    }
    this.#ring = ring;
  }
}
