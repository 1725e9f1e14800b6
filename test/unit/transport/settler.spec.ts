import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { RequeueItem } from '../../../lib/transport/capabilities.js';
import { Settler } from '../../../lib/transport/settler.js';
import type { Receiver, SettleResult } from '../../../lib/transport/transport.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { RecordingLogger } from '../../fixtures/core.js';

class Ping {}
class Numbered {
  constructor(readonly id: number) {}
}

function setup(ack: (envelopes: readonly Envelope[]) => Promise<SettleResult>) {
  const receiver: Receiver = { get: () => Promise.resolve([]), ack, reject: () => Promise.resolve() };
  const logger = new RecordingLogger();
  return { settler: new Settler(receiver, 'async', logger), logger };
}

describe('a settler', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('settles together what is handled in one turn', async () => {
    const calls: number[] = [];
    const { settler } = setup(async (envelopes) => void calls.push(envelopes.length));

    await Promise.all([1, 2, 3].map(() => settler.ack(new Envelope(new Ping()))));

    expect(calls).toEqual([3]);
  });

  it('reports a settlement that came too late, and throws nothing', async () => {
    const late = new Envelope(new Ping());
    const { settler, logger } = setup(async () => ({ lost: [late] }));

    expect(await Promise.all([settler.ack(late), settler.ack(new Envelope(new Ping()))])).toEqual([
      false,
      true,
    ]);
    expect(settler.lateCount).toBe(1);
    expect(logger.texts('warn')[0]).toContain('Too late to acknowledge 1 message(s) of transport "async"');
  });

  it('tries again while the transport is out of reach', async () => {
    let calls = 0;
    const { settler, logger } = setup(async () => {
      calls += 1;
      if (calls < 3) {
        throw new Error('Down.');
      }
    });

    const settled = settler.ack(new Envelope(new Ping()));
    await vi.advanceTimersByTimeAsync(2000);

    expect(await settled).toBe(true);
    expect(calls).toBe(3);
    expect(logger.texts('error')).toEqual([]);
  });

  it('gives up in the end, with an error in the log: the message will be delivered again', async () => {
    const { settler, logger } = setup(() => Promise.reject(new Error('Down.')));

    const settled = settler.ack(new Envelope(new Ping()));
    await vi.advanceTimersByTimeAsync(5000);

    expect(await settled).toBe(false);
    expect(logger.texts('error')).toEqual([
      'Could not acknowledge 1 message(s) of transport "async"; they will be delivered again.',
    ]);
  });

  it('stores the copies that can be stored, if one of those requeued together cannot', async () => {
    const stored: number[] = [];
    const transport = new (class extends InMemoryTransport {
      override requeue(items: readonly RequeueItem[]): Promise<{ lost: Envelope[] }> {
        if (items.some(({ copy }) => (copy.message as Numbered).id === 2)) {
          return Promise.reject(new Error('Cannot be encoded.'));
        }
        stored.push(...items.map(({ copy }) => (copy.message as Numbered).id));
        return Promise.resolve({ lost: [] });
      }
    })();
    const settler = new Settler(transport, 'async', new RecordingLogger());

    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((id) => {
        const envelope = new Envelope(new Numbered(id));
        return settler.requeue({ received: envelope, copy: envelope, to: transport });
      }),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(stored).toEqual([1, 3]);
  });
});
