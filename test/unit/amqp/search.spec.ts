import { describe, expect, it } from 'vitest';
import { AmqpArrival } from '../../../lib/transports/amqp/amqp.arrival.js';
import { search } from '../../../lib/transports/amqp/amqp.search.js';

/** A subscription of a broker that says of each look how many messages are ready; the last answer stays. */
function setup(...ready: readonly number[]) {
  const arrival = new AmqpArrival();
  const subscription = {
    isDry: false,
    isFull: false,
    isOpen: true,
    buffered: 0,
    looks: 0,
    probe: () => {
      const answer = ready[Math.min(subscription.looks, ready.length - 1)] ?? 0;
      subscription.looks += 1;
      subscription.onLook();
      return Promise.resolve(answer);
    },
    onLook: (): void => undefined,
  };
  return { arrival, subscription };
}

const always = (): boolean => true;

describe('searching for a message', () => {
  it('asks the broker nothing if the answer is known', async () => {
    const { arrival, subscription } = setup(1);
    await search({ ...subscription, isDry: true }, arrival, always);
    await search({ ...subscription, isFull: true }, arrival, always);
    const soon = search(subscription, arrival, always);
    arrival.happened();
    await soon;
    expect(subscription.looks).toBe(0);
  });

  it('ends if nothing is ready', async () => {
    const { arrival, subscription } = setup(0);
    await search(subscription, arrival, always);
    expect(subscription.looks).toBe(1);
  });

  it('waits for what is ready until it has arrived, however busy the broker is', async () => {
    const { arrival, subscription } = setup(3);
    subscription.onLook = () => {
      if (subscription.looks === 3) {
        queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => arrival.happened())));
        subscription.buffered = 1;
      }
    };
    const startedAt = performance.now();
    await search(subscription, arrival, always);
    expect(subscription.looks).toBe(3);
    expect(performance.now() - startedAt).toBeGreaterThan(90);
  });

  it('ends when another consumer has got it', async () => {
    const { arrival, subscription } = setup(1, 1, 0);
    await search(subscription, arrival, always);
    expect(subscription.looks).toBe(3);
  });

  it('ends when something else is to be done, and when the channel is gone', async () => {
    const busy = setup(1);
    await search(busy.subscription, busy.arrival, () => false);
    expect(busy.subscription.looks).toBe(1);
    const lost = setup(1);
    lost.subscription.onLook = () => (lost.subscription.isOpen = false);
    await search(lost.subscription, lost.arrival, always);
    expect(lost.subscription.looks).toBe(1);
  });

  it('ends after a second, whatever the broker says', async () => {
    const { arrival, subscription } = setup(1);
    await search(subscription, arrival, always);
    expect(subscription.looks).toBeGreaterThan(1);
  });
});
