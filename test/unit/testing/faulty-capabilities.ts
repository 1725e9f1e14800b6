import { Envelope } from '../../../lib/envelope/envelope.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import type { RequeueItem } from '../../../lib/transport/capabilities.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';

import type { Fault } from './faulty-transports.js';

type Envelopes = readonly Envelope[];

const forget = async (): Promise<{ lost: Envelopes }> => ({ lost: [] });

/** Transports that each have one fault in a capability, and a case that has to notice it. */
export const FAULTY_CAPABILITIES: readonly Fault[] = [
  [
    'prolongs no lease',
    class extends InMemoryTransport {
      override keepalive = async () => [];
    },
    'leaves a message with a consumer that shows signs of life',
  ],
  [
    'does not say that a lease was lost',
    class extends InMemoryTransport {
      override async keepalive(envelopes: Envelopes) {
        await super.keepalive(envelopes);
        return [];
      }
    },
    'tells a consumer that shows a sign of life too late that the message is lost',
  ],
  [
    'forgets releases',
    class extends InMemoryTransport {
      override release = forget;
    },
    'makes released messages available to others at once',
  ],
  [
    'puts released messages at the end',
    class extends InMemoryTransport {
      override async release(envelopes: Envelopes, options: { readonly delay?: number } = {}) {
        const delay = new DelayStamp(options.delay ?? 0);
        return this.requeue(
          envelopes.map((received) => ({ received, copy: received.with(delay), to: this })),
        );
      }
    },
    'gives released messages their old place in the order',
  ],
  [
    'releases at once whatever the delay',
    class extends InMemoryTransport {
      override release(envelopes: Envelopes) {
        return super.release(envelopes);
      }
    },
    'holds a message back that is released with a delay',
  ],
  [
    'requeues to anything',
    class extends InMemoryTransport {
      override canRequeueTo = () => true;
    },
    'accepts itself as the place for a copy, and nothing that it does not know',
  ],
  [
    'stores the copy and keeps the original',
    class extends InMemoryTransport {
      override async requeue(items: readonly RequeueItem[]) {
        await this.send(items.map(({ copy }) => copy));
        return { lost: [] };
      }
    },
    'replaces a message by its copy',
  ],
  [
    'settles the original and forgets the copy',
    class extends InMemoryTransport {
      override requeue(items: readonly RequeueItem[]) {
        return this.reject(items.map(({ received }) => received));
      }
    },
    'replaces a message by its copy',
  ],
  [
    'stores every copy in itself',
    class extends InMemoryTransport {
      override requeue(items: readonly RequeueItem[]) {
        return super.requeue(items.map((item) => ({ ...item, to: this })));
      }
    },
    'moves a message to another queue of its broker',
  ],
  [
    'settles the original before it has the copy',
    class extends InMemoryTransport {
      override async requeue(items: readonly RequeueItem[]) {
        const result = await this.reject(items.map(({ received }) => received));
        for (const { copy, to } of items.filter(({ received }) => !result.lost.includes(received))) {
          await to.send([copy]);
        }
        return result;
      }
    },
    'leaves a message with its consumer if its copy cannot be encoded',
  ],
  [
    'counts delayed messages as ready',
    class extends InMemoryTransport {
      override async messageCount() {
        const { ready, delayed, ...others } = await super.messageCount();
        return { ...others, ready: ready + delayed, delayed: 0 };
      }
    },
    'counts delayed messages apart',
  ],
  [
    'counts the age of what was sent last',
    class extends InMemoryTransport {
      override async messageCount() {
        return { ...(await super.messageCount()), oldestAge: 0 };
      }
    },
    'tells how long the oldest message has been ready',
  ],
  [
    'counts the age of a delayed message from its arrival',
    class extends InMemoryTransport {
      override async messageCount() {
        const counts = await super.messageCount();
        return { ...counts, oldestAge: this.clock.now() - Date.UTC(2030, 0, 1) };
      }
    },
    'counts the age of a delayed message from when it was due',
  ],
  [
    'makes what was given back young again',
    class extends InMemoryTransport {
      override release(envelopes: Envelopes) {
        return this.requeue(envelopes.map((received) => ({ received, copy: received, to: this })));
      }
    },
    'counts the age of a message that was given back from its arrival',
  ],
  [
    'counts the age of what is in hand',
    class extends InMemoryTransport {
      override async messageCount() {
        const counts = await super.messageCount();
        return { ...counts, oldestAge: counts.inFlight > 0 ? 20 : counts.oldestAge };
      }
    },
    'counts the age of neither held nor delayed messages',
  ],
  [
    'claims what it lists',
    class extends InMemoryTransport {
      override async *all(limit?: number) {
        await this.get({ max: limit ?? 1000 });
        yield* super.all(limit);
      }
    },
    'lists every message, delayed and held ones included, without claiming it',
  ],
  [
    'lists more than it was asked for',
    class extends InMemoryTransport {
      override all() {
        return super.all();
      }
    },
    'lists the oldest messages if it is told how many',
  ],
  [
    'finds something under any id',
    class extends InMemoryTransport {
      override find = async () => this.queue[0];
    },
    'finds nothing under an id that it has not given',
  ],
  [
    'claims what somebody holds',
    class extends InMemoryTransport {
      override find = async () => this.queue[0];
      override claim = this.find;
    },
    'claims no message that somebody holds',
  ],
];
