import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { LeaseLostError } from '../../../lib/errors/lease-lost.error.js';
import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, deferred, handler } from '../../fixtures/core.js';

class Task {
  constructor(readonly text: string) {}
}

type LossListener = (isLost: (received: Envelope) => boolean) => void;

/** A transport whose messages can be lost while they are in hand: it delivers them again, and says so at once. */
function losing(transportName: string) {
  const transport = new InMemoryTransport({ transportName, clock: systemClock });
  const listeners = new Set<LossListener>();
  return Object.assign(transport, {
    onLost(listener: LossListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners,
    async lose(isLost: (received: Envelope) => boolean, received: readonly Envelope[]): Promise<void> {
      listeners.forEach((listener) => listener(isLost));
      await transport.release(received.filter((envelope) => isLost(envelope)));
    },
  });
}

async function setup(run: (task: Task, context: HandlerContext) => unknown) {
  const transport = losing('async');
  const held: Envelope[] = [];
  const get = transport.get.bind(transport);
  transport.get = async (options) => {
    const received = await get(options);
    held.push(...received);
    return received;
  };
  const core = createCore({
    clock: systemClock,
    transports: {
      async: transport,
      failed: new InMemoryTransport({ transportName: 'failed', clock: systemClock }),
    },
    policies: { async: { failureTransport: 'failed' } },
    handlers: [handler('H', Task, run)],
  });
  await core.bus.dispatchAll(
    ['a', 'b', 'c'].map((text) => new Task(text)),
    [new TransportNamesStamp('async')],
  );
  return { ...core, transport, held };
}

describe('messages that are lost to their transport while a worker has them in hand', () => {
  it('are not begun if they wait, until they are delivered again', async () => {
    const runs: string[] = [];
    const begun = deferred();
    const goOn = deferred();
    const { workers, transport, held } = await setup(async ({ text }: Task) => {
      runs.push(text);
      begun.resolve();
      await goOn.promise;
    });
    const worker = workers.create(['async'], { concurrency: 1, fetchSize: 3, limit: 3 });
    const ended = worker.run();
    await begun.promise;
    const waiting = held.slice(1);
    expect(waiting).toHaveLength(2);

    await transport.lose((received) => waiting.includes(received), waiting);
    expect(runs).toEqual(['a']);
    goOn.resolve();
    await ended;

    expect(runs).toEqual(['a', 'b', 'c']);
    expect(held).toHaveLength(5);
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    expect(transport.listeners.size).toBe(0);
  });

  it('have the signals of their handlers aborted, and no copy of them is stored when these fail', async () => {
    const reasons: unknown[] = [];
    const begun = deferred();
    let runs = 0;
    const { workers, transport, held, logger, transports } = await setup(async (_task, { signal }) => {
      runs += 1;
      if (runs > 1) {
        return;
      }
      await new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(signal.reason as Error);
        });
        begun.resolve();
      });
    });
    const worker = workers.create(['async'], { concurrency: 1, fetchSize: 1, limit: 4 });
    const ended = worker.run();
    await begun.promise;

    await transport.lose(() => true, held.slice(0, 1));
    await ended;

    expect(reasons).toEqual([expect.any(LeaseLostError)]);
    // Each of the three once, and the lost one again.
    expect(runs).toBe(4);
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    expect(await (transports.get('failed') as InMemoryTransport).messageCount()).toMatchObject({ ready: 0 });
    expect(logger.texts('warn')).toEqual([
      '"Task" failed after it was lost to transport "async", which delivers it again.',
    ]);
  });
});
