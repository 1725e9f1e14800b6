import { now } from '../harness/clock.mjs';
import { delayOf, LONGEST_DELAY } from '../harness/delays.mjs';
import { percentile } from '../harness/statistics.mjs';
import { fail } from './fail.mjs';

/** Nothing for this long after the first scheduled message: the rest will not come. */
const GIVEN_UP_AFTER_MS = LONGEST_DELAY + 6_000;

/**
 * Takes how late messages are handled. The first message says that the worker is ready; then `total` are scheduled by
 * another process, numbered from 0; those with higher numbers are not counted.
 */
export default async function drive(subject, { address, concurrency, total }, ready) {
  const lateness = await new Promise((resolve, reject) => {
    const arrivals = new Arrivals(total, resolve);
    let isReady = false;
    const handle = async (message) => {
      const at = now();
      if (isReady) return arrivals.add(message, at);
      isReady = true;
      ready();
    };
    subject.roles.delayed({ address, concurrency, handle }).catch(reject);
  });
  return {
    earliest: Math.min(...lateness),
    p50: percentile(lateness, 50),
    p99: percentile(lateness, 99),
    max: Math.max(...lateness),
    lost: total - lateness.length,
  };
}

class Arrivals {
  #seen;
  #lateness = [];
  #finish;
  #total;
  #timer;

  constructor(total, finish) {
    this.#seen = new Uint8Array(total);
    this.#total = total;
    this.#finish = () => finish(this.#lateness);
  }

  add({ orderId, sentAt }, at) {
    if (orderId >= this.#total) return;
    if (++this.#seen[orderId] !== 1) fail(new Error(`Message ${orderId} was handled twice.`));
    this.#lateness.push(at - sentAt - delayOf(orderId));
    this.#timer ??= setTimeout(this.#finish, GIVEN_UP_AFTER_MS);
    this.#timer.refresh();
    if (this.#lateness.length === this.#total) this.#finish();
  }
}
