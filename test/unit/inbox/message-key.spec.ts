import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { messageKeyOf } from '../../../lib/inbox/message-key.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';

const keyOf = (id: string): string | undefined => messageKeyOf(new Envelope({}, [new MessageIdStamp(id)]));

describe('the name under which an inbox remembers a message', () => {
  it('is its id', () => {
    expect(keyOf('0b5e6d0a-7c7e-4f7b-9f3c-2a1d')).toBe('0b5e6d0a-7c7e-4f7b-9f3c-2a1d');
  });

  it('is the same in every transport if the message has an id of its own', () => {
    const stamps = [new MessageIdStamp('a'), new ReceivedStamp('x'), new TransportMessageIdStamp('1')];

    expect(messageKeyOf(new Envelope({}, stamps))).toBe('a');
  });

  it('tells ids of transports from each other', () => {
    const received = (transport: string) =>
      messageKeyOf(new Envelope({}, [new ReceivedStamp(transport), new TransportMessageIdStamp('1')]));

    expect([received('a'), received('b')]).toEqual(['transport:a:1', 'transport:b:1']);
  });

  it.each([
    ['long', 'x'.repeat(201)],
    ['empty', ''],
    ['of several words', 'a b'],
    ['broken', 'a\0b'],
    ['foreign', 'ä'],
  ])('is a hash where an id is %s', (_, id) => {
    expect(keyOf(id)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(keyOf(id)).not.toBe(keyOf(`${id}!`));
  });

  it('does not exist without any id, or where nothing was received', () => {
    expect(messageKeyOf(new Envelope({}, [new ReceivedStamp('a')]))).toBeUndefined();
    expect(messageKeyOf(new Envelope({}, [new TransportMessageIdStamp('1')]))).toBeUndefined();
  });

  it('is not what messages that are alike have in common', () => {
    const stamps = [new ReceivedStamp('a'), new TransportMessageIdStamp('content-1', false)];

    expect(messageKeyOf(new Envelope({}, stamps))).toBeUndefined();
  });
});
