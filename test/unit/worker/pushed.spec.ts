import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import type { GetOptions } from '../../../lib/transport/transport.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, handler } from '../../fixtures/core.js';

class Task {
  constructor(readonly text: string) {}
}

/** A transport whose messages arrive one by one, and to which a wait brings none before 10 ms. */
function pushed(transportName: string) {
  const transport = new InMemoryTransport({ transportName, clock: systemClock });
  const get = transport.get.bind(transport);
  return Object.assign(transport, {
    isPushed: true as const,
    get: async ({ wait = 0, ...options }: GetOptions = {}) => {
      await sleep(wait > 0 ? 10 : 0);
      return get({ ...options, max: 1 });
    },
  });
}

async function setup() {
  const handled: string[] = [];
  const core = createCore({
    clock: systemClock,
    transports: {
      high: pushed('high'),
      low: new InMemoryTransport({ transportName: 'low', clock: systemClock }),
    },
    handlers: [handler('H', Task, ({ text }: Task) => void handled.push(text))],
  });
  const send = (transport: string) =>
    core.bus.dispatchAll(
      [1, 2, 3, 4].map((number) => new Task(`${transport} ${number}`)),
      [new TransportNamesStamp(transport)],
    );
  await send('low');
  await send('high');
  return { ...core, handled };
}

describe('a worker of a transport that is pushed its messages', () => {
  it('does not take a few of them for all, and turn to what is less urgent', async () => {
    const { workers, handled } = await setup();
    await workers.create(['high', 'low'], { concurrency: 3, limit: 8 }).run();
    expect(handled.slice(0, 4)).toEqual(['high 1', 'high 2', 'high 3', 'high 4']);
  });

  it('does not stop before it is empty', async () => {
    const { workers, handled } = await setup();
    await workers.create(['high'], { concurrency: 3, stopWhenIdle: true }).run();
    expect(handled).toEqual(['high 1', 'high 2', 'high 3', 'high 4']);
  });
});
