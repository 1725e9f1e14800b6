import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import type { HandlerDescriptor, HandlerOptions } from '../../../lib/handler/handler-descriptor.js';
import { IdempotentHandling } from '../../../lib/inbox/idempotent-handling.js';
import { Inboxes } from '../../../lib/inbox/inboxes.js';
import { type RunAmbient, withoutAmbient } from '../../../lib/inbox/run-ambient.js';
import type { TransactionRunner } from '../../../lib/inbox/transaction-runner.js';
import { MultiplierRetryStrategy } from '../../../lib/retry/multiplier.retry-strategy.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { type CoreSetup, createCore, handler, RecordingLogger } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';
import { type FakeTransaction, TransactionalInbox } from '../../fixtures/transactional-inbox.js';

export class Task {
  constructor(readonly id: number) {}
}

/** What the tests' handlers are given. */
export type Context = HandlerContext<FakeTransaction>;

/** An idempotent handler. */
export function idempotent(
  name: string,
  call: (task: Task, context: Context) => unknown,
  options: HandlerOptions = {},
): HandlerDescriptor {
  return handler(name, Task, call as never, { ...options, idempotent: true });
}

export interface InboxSetup extends Omit<CoreSetup, 'handlers' | 'transports'> {
  readonly transactions?: TransactionRunner;
  readonly runAmbient?: RunAmbient;
}

/** An application whose transport "async" has an inbox in "db", and whose retries come one second later. */
export function setup(handlers: readonly HandlerDescriptor[], more: InboxSetup = {}) {
  const clock = new FakeClock();
  const async = new InMemoryTransport({ transportName: 'async', clock });
  const failed = new InMemoryTransport({ transportName: 'failed', clock });
  const inbox = new TransactionalInbox();
  const store = { name: 'db', transport: Object.assign(new RecordingTransport(), { inbox }) };
  const log = new RecordingLogger();
  const handling = new IdempotentHandling({
    inboxes: new Inboxes(new Map([['async', store]]), ['db']),
    transactions: more.transactions,
    runAmbient: more.runAmbient ?? withoutAmbient,
    logger: log,
  });
  const retryStrategy = new MultiplierRetryStrategy({ maxRetries: 1, jitter: 0 });
  const core = createCore({
    clock,
    transports: { async, failed },
    routes: [[Task, 'async']],
    handlers: handlers.map((descriptor) => handling.prepare(descriptor)),
    policies: { async: { retryStrategy, failureTransport: 'failed' } },
    ...more,
  });
  const work = async (receiver = 'async', concurrency = 1) =>
    core.workers.create([receiver], { stopWhenIdle: true, concurrency }).run();
  const retry = async () => {
    await clock.advance(1000);
    return work();
  };
  return { ...core, clock, async, failed, inbox, log, work, retry };
}
