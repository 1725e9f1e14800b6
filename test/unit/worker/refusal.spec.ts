import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { ConsumerInUseError } from '../../../lib/errors/consumer-in-use.error.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, deferred, handler, rejectionOf } from '../../fixtures/core.js';

class Task {}

/** A worker of two transports, the first of which is refused as soon as `refuse` is called. */
function setup() {
  const refusal = deferred<never>();
  refusal.promise.catch(() => undefined);
  const handling = deferred<void>();
  const finish = deferred<void>();
  const core = createCore({
    clock: systemClock,
    transports: {
      refused: Object.assign(new InMemoryTransport(), { get: () => refusal.promise }),
      async: new InMemoryTransport(),
    },
    routes: [[Task, 'async']],
    handlers: [
      handler('H', Task, () => {
        handling.resolve();
        return finish.promise;
      }),
    ],
  });
  const error = new ConsumerInUseError('refused', 'worker-1', 'process 7 on host "web"');
  const worker = core.workers.create(['async', 'refused']);
  return { ...core, worker, error, handling, finish, refuse: () => refusal.reject(error) };
}

describe('a worker whose transport refuses to be consumed', () => {
  it('ends with the error instead of trying again', async () => {
    const { worker, error, refuse } = setup();
    const result = worker.run();
    refuse();

    expect(await rejectionOf(result)).toBe(error);
    expect(error.message).toContain(
      'is already consumed by process 7 on host "web" under the consumer name "worker-1"',
    );
    expect(error.code).toBe('MESSENGER_CONSUMER_IN_USE');
  });

  it('finishes and acknowledges before what it is handling', async () => {
    const { worker, error, refuse, bus, handling, finish, transports } = setup();
    await bus.dispatch(new Task());
    const result = rejectionOf(worker.run());
    await handling.promise;
    refuse();
    finish.resolve();

    expect(await result).toBe(error);
    expect((transports.get('async') as InMemoryTransport).acknowledged).toHaveLength(1);
  });
});
