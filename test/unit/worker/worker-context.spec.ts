import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../lib/handler/batch.js';
import { DispatchAfterCurrentBusStamp } from '../../../lib/stamp/dispatch-after-current-bus.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, handler } from '../../fixtures/core.js';

class Row {}
class Root {}
class FollowUp {
  constructor(readonly after: string) {}
}

const AFTER = [new DispatchAfterCurrentBusStamp()];

describe('messages in one worker', () => {
  it('do not share what they postpone, not even when one starts because another waits in a batch', async () => {
    const notes: string[] = [];
    const core: ReturnType<typeof createCore> = createCore({
      transports: { async: new InMemoryTransport() },
      handlers: [
        handler(
          'Rows',
          Row,
          async (batch: never) => {
            const items = [...(batch as Batch<Row>)];
            notes.push(`batch of ${items.length}`);
            // Each message fails, and what a message that fails has postponed is dropped: but this belongs to none of them.
            items.forEach((item) => item.nack(new Error('No.')));
            await core.bus.dispatch(new FollowUp('nothing: a batch is no message'), AFTER);
          },
          { batch: { size: 2, idleTimeout: 60_000 } },
        ),
        handler('Root', Root, async () => {
          await core.bus.dispatch(new FollowUp('root'), AFTER);
          notes.push('root ends');
        }),
        handler('FollowUp', FollowUp, ({ after }: FollowUp) => void notes.push(`after ${after}`)),
      ],
    });
    const toAsync = [new TransportNamesStamp('async')];
    await core.bus.dispatchAll<object>([new Row(), new Root(), new Row()], toAsync);

    await core.workers.create(['async'], { limit: 3 }).run();

    expect(notes).toEqual(['root ends', 'after root', 'batch of 2', 'after nothing: a batch is no message']);
  });
});
