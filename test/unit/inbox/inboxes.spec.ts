import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { Inboxes } from '../../../lib/inbox/inboxes.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';

describe('the inboxes of an application', () => {
  const [first, second] = ['first', 'second'].map((name) => ({
    name,
    transport: new InMemoryTransport(),
  })) as [{ name: string; transport: InMemoryTransport }, { name: string; transport: InMemoryTransport }];
  const inboxes = new Inboxes(
    new Map([
      ['a', first],
      ['b', second],
      ['c', first],
    ]),
    [],
  );
  const inboxOf = (...stamps: Stamp[]) => inboxes.of(new Envelope({}, stamps));

  it('remember messages where their transport says', () => {
    expect(inboxOf(new ReceivedStamp('a'))).toBe(first.transport.inbox);
    expect(inboxOf(new ReceivedStamp('b'))).toBe(second.transport.inbox);
  });

  it('remember a failed message where the transport says in which it failed', () => {
    expect(inboxOf(new SentToFailureTransportStamp('b'), new ReceivedStamp('failed'))).toBe(
      second.transport.inbox,
    );
    expect(inboxOf(new SentToFailureTransportStamp('b'), new ReceivedStamp('a'))).toBe(
      second.transport.inbox,
    );
  });

  it('remember any other message in the first one', () => {
    expect(inboxOf(new ReceivedStamp('other'))).toBe(first.transport.inbox);
    expect(inboxOf()).toBe(first.transport.inbox);
    expect(new Inboxes(new Map(), []).of(new Envelope({}))).toBeUndefined();
  });

  it('are listed once each', () => {
    expect(inboxes.stores).toEqual([first, second]);
  });
});
