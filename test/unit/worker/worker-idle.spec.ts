import { describe, expect, it } from 'vitest';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, handler } from '../../fixtures/core.js';

class Row {}

describe('a worker that stops when every transport is empty', () => {
  it('handles the messages that wait in a batch first, and then stops', async () => {
    const sizes: number[] = [];
    const clock = new FakeClock();
    const core = createCore({
      clock,
      transports: { async: new InMemoryTransport({ clock }) },
      handlers: [
        handler('Rows', Row, (batch: never) => void sizes.push((batch as { size: number }).size), {
          batch: { size: 10, idleTimeout: 60_000 },
        }),
      ],
    });
    await core.bus.dispatchAll([new Row(), new Row()], [new TransportNamesStamp('async')]);

    const result = await core.workers.create(['async'], { stopWhenIdle: true }).run();

    expect(sizes).toEqual([2]);
    expect(result).toMatchObject({ reason: 'every transport is empty', processed: 2 });
  });
});
