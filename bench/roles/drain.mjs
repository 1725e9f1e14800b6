import { fail } from './fail.mjs';
import { cpuSeconds, peakMiB } from './resources.mjs';

const FOREVER = new Promise(() => {});

/**
 * Consumes a backlog of `total` messages. The clock runs from the moment the `warmUp` messages are handled (or from the
 * first one) until the store holds no unacknowledged message, or for `cap` seconds.
 */
export default async function drive(subject, { address, concurrency, total, warmUp, cap }) {
  const backlog = await subject.backlog(address);
  const drain = new Drain(total, warmUp, cap);
  subject.roles.consume({ address, concurrency, handle: (message) => drain.handle(message) }).catch(fail);
  const handled = await drain.handled;
  while (!handled.capped && (await backlog()) > 0) await new Promise(setImmediate);
  return drain.figures(handled.capped ? handled.at : performance.now());
}

class Drain {
  #seen;
  #count = 0;
  #total;
  #clockFrom;
  #warmUpUntil = Infinity;
  #capMs;
  #start = { at: Infinity, count: 0, cpu: undefined };
  #finish;

  /** Resolves when the last message is handled, or the time is up. */
  handled = new Promise((resolve) => (this.#finish = resolve));

  constructor(total, warmUp, cap) {
    this.#seen = new Uint8Array(total);
    this.#total = total;
    this.#clockFrom = warmUp;
    this.#capMs = cap * 1000;
  }

  /** The handler under test: bookkeeping and nothing else. */
  async handle(message) {
    if (++this.#seen[message.orderId] !== 1) fail(new Error(`Message ${message.orderId} was handled twice.`));
    if (this.#start.cpu === undefined) this.#warm();
    const at = this.#count % 64 === 0 ? performance.now() : 0;
    this.#count++;
    if (this.#count === this.#total) this.#finish({ capped: false, at });
    // Some workers stay in microtasks while there is work, so that no timer could end them: park the handler.
    if (at - this.#start.at > this.#capMs) return this.#park(at);
  }

  figures(at) {
    const count = this.#count - this.#start.count;
    const elapsed = (at - this.#start.at) / 1000;
    return { rate: count / elapsed, cpu: (cpuSeconds(this.#start.cpu) * 1000) / count, peak: peakMiB() };
  }

  /** A slow worker need not handle all of the warm-up: a second of it will do. */
  #warm() {
    const at = performance.now();
    this.#warmUpUntil = Math.min(this.#warmUpUntil, at + 1000);
    if (this.#count < this.#clockFrom && at < this.#warmUpUntil) return;
    this.#start = { at, count: this.#count, cpu: process.cpuUsage() };
  }

  #park(at) {
    this.#finish({ capped: true, at });
    return FOREVER;
  }
}
