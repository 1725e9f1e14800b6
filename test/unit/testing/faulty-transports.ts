import { Envelope } from '../../../lib/envelope/envelope.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { SentStamp } from '../../../lib/stamp/sent.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import type { GetOptions } from '../../../lib/transport/transport.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';

type Envelopes = readonly Envelope[];

const forget = async (): Promise<{ lost: Envelopes }> => ({ lost: [] });

/** A transport with one fault, described so that it completes `a transport that …`, and a case that has to notice it. */
export type Fault = readonly [fault: string, transport: typeof InMemoryTransport, noticedBy: string];

/** Transports that each have one fault, and a case that has to notice it. */
export const FAULTY_TRANSPORTS: readonly Fault[] = [
  [
    'forgets acknowledgements',
    class extends InMemoryTransport {
      override ack = forget;
    },
    'removes a message on ack',
  ],
  [
    'forgets rejections',
    class extends InMemoryTransport {
      override reject = forget;
    },
    'removes a message on reject',
  ],
  [
    'settles all that it holds when one is settled',
    class extends InMemoryTransport {
      override async ack(envelopes: Envelopes) {
        const result = await super.ack(envelopes);
        return envelopes.length === 0 ? result : (this.reset(), result);
      }
    },
    'settles several messages at once, in any order, and leaves the others alone',
  ],
  [
    'throws when a message is settled twice',
    class extends InMemoryTransport {
      override async ack(envelopes: Envelopes) {
        const result = await super.ack(envelopes);
        if (result.lost.length > 0) {
          throw new TransportError('faulty', 'there is no such message.');
        }
        return result;
      }
    },
    'takes no harm from a message that is settled twice',
  ],
  [
    'removes what another consumer holds on a late ack',
    class extends InMemoryTransport {
      override async ack(envelopes: Envelopes) {
        const result = await super.ack(envelopes);
        return result.lost.length > 0 ? (this.reset(), result) : result;
      }
    },
    'reports a late ack as lost, and does not take the message from its new consumer',
  ],
  [
    'reports nothing as lost',
    class extends InMemoryTransport {
      override async reject(envelopes: Envelopes) {
        await super.reject(envelopes);
        return { lost: [] };
      }
    },
    'reports a late reject as lost, and does not take the message from its new consumer',
  ],
  [
    'reports everything as lost if anything is',
    class extends InMemoryTransport {
      override async ack(envelopes: Envelopes) {
        const result = await super.ack(envelopes);
        return result.lost.length > 0 ? { lost: envelopes } : result;
      }
    },
    'reports as lost only what is lost',
  ],
  [
    'hands out more than it was asked for',
    class extends InMemoryTransport {
      override get(options: GetOptions = {}) {
        return super.get({ ...options, max: (options.max ?? 1) + 1 });
      }
    },
    'never hands out more than was asked for',
  ],
  [
    'hands out the last first',
    class extends InMemoryTransport {
      override async get(options: GetOptions = {}) {
        return (await super.get(options)).toReversed();
      }
    },
    'hands out messages in the order in which they were sent',
  ],
  [
    'hands messages out without claiming them',
    class extends InMemoryTransport {
      override async get({ max = 1, wait = 0, ...options }: GetOptions = {}) {
        return this.queue.length > 0 ? this.queue.slice(0, max) : super.get({ max, wait, ...options });
      }
    },
    'hands each message to one consumer at a time',
  ],
  [
    'marks every delivery as a redelivery',
    class extends InMemoryTransport {
      override async get(options: GetOptions = {}) {
        return (await super.get(options)).map((envelope) => envelope.with(new RedeliveredStamp(2)));
      }
    },
    'does not mark the first delivery of a message as a redelivery',
  ],
  [
    'marks no delivery as a redelivery',
    class extends InMemoryTransport {
      override async get(options: GetOptions = {}) {
        return (await super.get(options)).map((envelope) => envelope.without(RedeliveredStamp));
      }
    },
    'counts the deliveries of a message',
  ],
  [
    'claims for a fetch that was aborted',
    class extends InMemoryTransport {
      override get({ signal, ...options }: GetOptions = {}) {
        return signal?.aborted === true
          ? super.get(options)
          : super.get({ ...options, ...(signal && { signal }) });
      }
    },
    'claims nothing for a fetch that is aborted already',
  ],
  [
    'drops what arrives together with an abort',
    class extends InMemoryTransport {
      override async get(options: GetOptions = {}) {
        const received = await super.get(options);
        return options.signal?.aborted === true ? [] : received;
      }
    },
    'loses no message when an abort and an arrival meet',
  ],
  [
    'does not hear an abort',
    class extends InMemoryTransport {
      override get({ signal: _, ...options }: GetOptions = {}) {
        return super.get(options);
      }
    },
    'ends a wait at once when it is aborted, and loses nothing by it',
  ],
  [
    'never waits',
    class extends InMemoryTransport {
      override get(options: GetOptions = {}) {
        return super.get({ ...options, wait: 0 });
      }
    },
    'ends a wait as soon as a message arrives',
  ],
  [
    'waits on after it was closed',
    class extends InMemoryTransport {
      override close = async () => undefined;
    },
    'ends a wait when it is closed',
  ],
  [
    'ignores delays',
    class extends InMemoryTransport {
      override send(envelopes: Envelopes) {
        return super.send(envelopes.map((envelope) => envelope.without(DelayStamp)));
      }
    },
    'hands out a delayed message when its time has come and never before',
  ],
  [
    'counts delays in whole seconds',
    class extends InMemoryTransport {
      override send(envelopes: Envelopes) {
        return super.send(
          envelopes.map((envelope) => {
            const delay = envelope.last(DelayStamp)?.delay;
            return delay === undefined
              ? envelope
              : envelope.with(new DelayStamp(Math.ceil(delay / 1000) * 1000));
          }),
        );
      }
    },
    'wakes a waiting fetch for a delayed message on time and never before',
  ],
  [
    'stores a list message by message',
    class extends InMemoryTransport {
      override async send(envelopes: Envelopes) {
        const sent: Envelope[] = [];
        for (const envelope of envelopes) {
          sent.push(...(await super.send([envelope])));
        }
        return sent;
      }
    },
    'stores nothing of a send of which one message cannot be encoded',
  ],
  [
    'answers a send in an order of its own',
    class extends InMemoryTransport {
      override async send(envelopes: Envelopes) {
        return (await super.send(envelopes)).toReversed();
      }
    },
    'answers a send with the same messages in the same order',
  ],
  [
    'tells no id',
    class extends InMemoryTransport {
      override async send(envelopes: Envelopes) {
        return (await super.send(envelopes)).map((envelope) => envelope.without(TransportMessageIdStamp));
      }
    },
    'tells the id of a message when it is sent, and the same when it is received',
  ],
  [
    'lets stamps through that concern the sender',
    class extends InMemoryTransport {
      override async get(options: GetOptions = {}) {
        return (await super.get(options)).map((envelope) => envelope.with(new SentStamp('async')));
      }
    },
    'leaves behind the stamps that only concern the process of the sender',
  ],
  [
    'drops what it cannot decode',
    class extends InMemoryTransport {
      override async get(options: GetOptions = {}) {
        return (await super.get(options)).filter(({ message }) => !(message instanceof UndecodableMessage));
      }
    },
    'hands out what cannot be decoded beside what can',
  ],
  [
    'takes bytes for text',
    class extends InMemoryTransport {
      override async get(options: GetOptions = {}) {
        return (await super.get(options)).map((envelope) => {
          const { message } = envelope;
          return message instanceof UndecodableMessage
            ? new Envelope<object>(
                new UndecodableMessage({
                  ...message.encoded,
                  body: Buffer.from(message.encoded.body).toString(),
                }),
                envelope.all(),
              )
            : envelope;
        });
      }
    },
    'hands out a body that is no text as an "UndecodableMessage" that holds it untouched',
  ],
];
