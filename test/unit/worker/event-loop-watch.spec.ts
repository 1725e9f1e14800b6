import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { MessengerEvents } from '../../../lib/event/messenger-events.js';
import { WorkerBlockedEvent } from '../../../lib/event/worker-blocked.event.js';
import type { WorkerInfo } from '../../../lib/event/worker-info.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { EventLoopWatch } from '../../../lib/worker/event-loop-watch.js';
import type { MessageDelivery } from '../../../lib/worker/message-delivery.js';
import { createCore, deferred, handler, RecordingLogger } from '../../fixtures/core.js';

class Computed {
  constructor(readonly ms: number) {}
}

class Awaited {}

const INFO: WorkerInfo = {
  id: 'host:1:a',
  transportNames: ['async'],
  queueNames: [],
  concurrency: 2,
  startedAt: new Date(0),
  stop: () => undefined,
};

/** A message from the transport "async" that has been in hand for so many milliseconds. */
function delivery(message: object, age: number): MessageDelivery {
  const startedAt = performance.now() - age;
  return { received: new Envelope(message), feed: { name: 'async' }, startedAt } as MessageDelivery;
}

function setup(...deliveries: readonly MessageDelivery[]) {
  const logger = new RecordingLogger();
  const events = new MessengerEvents(logger);
  const told: WorkerBlockedEvent[] = [];
  events.on(WorkerBlockedEvent, (event) => void told.push(event));
  const watch = new EventLoopWatch({
    options: { blockWarning: 5000 },
    deliveries,
    handlerNamesOf: ({ message }) => [`${message.constructor.name}.handle`],
    info: INFO,
    events,
    logger,
  });
  return { watch, told, logger };
}

describe('an event loop that stood still', () => {
  it('is told with the handlers of a message that is finished by then', async () => {
    const core = createCore({
      transports: { async: new InMemoryTransport({ transportName: 'async' }) },
      handlers: [
        handler('Report.build', Computed, ({ ms }: Computed) => {
          const end = performance.now() + ms;
          while (performance.now() < end);
        }),
        handler('Report.log', Computed, () => undefined, { priority: -1 }),
      ],
    });
    const told = deferred<WorkerBlockedEvent>();
    // A machine that is busy may let another loop stand still, too.
    core.events.on(WorkerBlockedEvent, (event) => void (event.suspects.length > 0 && told.resolve(event)));
    const messages = [new Computed(1), new Computed(500), new Computed(1)];
    await core.bus.dispatchAll(messages, [new TransportNamesStamp('async')]);
    const worker = core.workers.create(['async'], { blockWarning: 200 });
    const result = worker.run();

    const event = await told.promise;
    worker.stop('the test is over');
    await result;

    expect(event.worker).toBe(worker.info);
    expect(event.duration).toBeGreaterThanOrEqual(200);
    expect(event.cpuTime).toBeGreaterThan(0);
    expect(event.suspects).toEqual([
      { messageName: 'Computed', transportName: 'async', handlerNames: ['Report.build', 'Report.log'] },
    ]);
    expect(core.logger.texts('warn')).toContainEqual(
      expect.stringMatching(
        /^The event loop of worker \S+ stood still for \d\.\d s \(processor time: \d\.\d s\)\. Running meanwhile: Report\.build, Report\.log \("Computed" from transport "async"\)\. /,
      ),
    );
  });

  it('is told with all that was being handled when it began, and nothing that was begun later', () => {
    const { watch, told } = setup(delivery(new Awaited(), 60_000), delivery(new Computed(1), 10));
    watch.tookLong(delivery(new Computed(1), 7000));

    watch.look(6000);

    expect(told).toMatchObject([
      {
        worker: INFO,
        duration: 6000,
        suspects: [{ handlerNames: ['Computed.handle'] }, { handlerNames: ['Awaited.handle'] }],
      },
    ]);
  });

  it('is told without a suspect when no handler was running', () => {
    const { watch, told, logger } = setup();

    watch.look(5000);

    expect(told).toMatchObject([{ duration: 5000, suspects: [] }]);
    expect(logger.texts('warn')[0]).toMatch(
      /^The event loop of worker host:1:a stood still for 5\.0 s \(processor time: \d+\.\d s\)\. No handler was running\. /,
    );
  });

  it('is not told while timers come as they should, however long handlers take; they are no suspects later', () => {
    const { watch, told, logger } = setup();
    watch.tookLong(delivery(new Awaited(), 60_000));

    watch.look(4999);
    watch.look(5000);

    expect(told).toMatchObject([{ suspects: [] }]);
    expect(logger.lines).toHaveLength(1);
  });
});
