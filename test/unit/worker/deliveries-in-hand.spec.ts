import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { DeliveriesInHand } from '../../../lib/worker/deliveries-in-hand.js';
import { MessageDelivery } from '../../../lib/worker/message-delivery.js';
import type { ReceiverFeed } from '../../../lib/worker/receiver-feed.js';

describe('the deliveries in hand', () => {
  it('are those that were added and not removed', () => {
    const { inHand, deliveries } = setup(5);
    const [first, , third, , last] = deliveries;

    for (const removed of [third, last, first]) {
      inHand.remove(removed!);
    }

    const left = deliveries.filter((delivery) => ![first, third, last].includes(delivery));
    expect(new Set(inHand)).toEqual(new Set(left));
    expect(inHand.size).toBe(2);
    expect(deliveries.filter((delivery) => inHand.has(delivery))).toEqual(left);
  });

  it('do not change when one is removed that is not there', () => {
    const { inHand, deliveries } = setup(2);
    const stranger = delivery();

    inHand.remove(stranger);
    inHand.remove(deliveries[0]!);
    inHand.remove(deliveries[0]!);

    expect([...inHand]).toEqual([deliveries[1]]);
    expect(inHand.has(stranger)).toBe(false);
  });

  it('keep their places whatever the order of removals', () => {
    const { inHand, deliveries } = setup(50);
    const left = new Set(deliveries);
    for (let at = 0; left.size > 0; at = (at + 17) % 50) {
      const removed = deliveries[at]!;
      inHand.remove(removed);
      left.delete(removed);
      expect(new Set(inHand)).toEqual(left);
    }
  });
});

function setup(count: number): { inHand: DeliveriesInHand; deliveries: readonly MessageDelivery[] } {
  const inHand = new DeliveriesInHand();
  const deliveries = Array.from({ length: count }, delivery);
  deliveries.forEach((each) => inHand.add(each));
  return { inHand, deliveries };
}

function delivery(): MessageDelivery {
  return new MessageDelivery(new Envelope({}), { lease: {} } as ReceiverFeed, () => undefined);
}
