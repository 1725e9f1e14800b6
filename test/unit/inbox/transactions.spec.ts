import { describe, expect, it } from 'vitest';
import { HandledBeforeStamp } from '../../../lib/stamp/handled-before.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { HandlerFailedError } from '../../../lib/errors/handler-failed.error.js';
import type { MessageBus } from '../../../lib/bus/message-bus.js';
import type { HandlerDescriptor } from '../../../lib/handler/handler-descriptor.js';
import type { TransactionRunner } from '../../../lib/inbox/transaction-runner.js';
import { deferred, handler, rejectionOf } from '../../fixtures/core.js';
import { FakeTransaction, TransactionalInbox } from '../../fixtures/transactional-inbox.js';
import { type Context, idempotent, type InboxSetup, setup, Task } from './setup.js';

class Inner {}

const here: InboxSetup = { routes: [] };

/** "Outer" handles a task with `work`; "Inner" and whatever else is given handles what it dispatches. */
function nested(
  work: (bus: MessageBus, context: Context) => unknown,
  inner: (context: Context) => unknown,
  more: InboxSetup = {},
) {
  const innerHandler: HandlerDescriptor = handler('Inner', Inner, (_, context: Context) => inner(context), {
    idempotent: true,
  });
  const core: ReturnType<typeof setup> = setup(
    [idempotent('Outer', (_, context) => work(core.bus, context)), innerHandler],
    {
      ...here,
      ...more,
    },
  );
  return core;
}

describe('the option "transaction"', () => {
  const dispatched = (
    transactions: TransactionRunner,
    call: (context: Context) => unknown = () => 'done',
  ) => {
    const core = setup([idempotent('H', (_, context) => call(context))], { ...here, transactions });
    return { ...core, outcome: core.bus.dispatch(new Task(1), [new MessageIdStamp('m-1')]) };
  };

  it('opens the transactions instead of the inbox', async () => {
    const application = new TransactionalInbox();
    const { outcome, inbox } = dispatched(
      { run: (work) => application.transaction(work) },
      ({ transaction }) => transaction.write('x'),
    );

    await outcome;

    expect(application.effects).toEqual(['x']);
    expect(inbox.ends).toEqual([]);
  });

  it('may run the work again, and what counts is the last run', async () => {
    const application = new TransactionalInbox();
    let runs = 0;
    const { outcome } = dispatched(
      { run: (work) => application.transaction(work).catch(() => application.transaction(work)) },
      () => {
        runs += 1;
        if (runs === 1) {
          throw new Error('A deadlock.');
        }
        return runs;
      },
    );

    expect((await outcome).last(HandledStamp)?.result).toBe(2);
    expect(application.ends).toEqual(['rollback', 'commit']);
  });

  it.each([
    ['does not run the work', { run: async () => undefined as never }],
    [
      'does not wait for it',
      { run: async (work: (tx: object) => Promise<unknown>) => void work(new FakeTransaction()) as never },
    ],
  ])('is found out when it %s', async (_, transactions) => {
    const gate = deferred();
    const { outcome } = dispatched(transactions as TransactionRunner, () => gate.promise);

    const error = await rejectionOf(outcome);

    expect(error.cause).toMatchObject({ code: 'MESSENGER_TRANSACTION_NOT_RUN' });
    expect((error.cause as Error).message).toContain('Handler "H" was not run to its end');
    gate.resolve();
  });

  it('cannot hide that the handler has failed', async () => {
    const { outcome } = dispatched(
      { run: async (work) => (await work(new FakeTransaction()).catch(() => undefined)) as never },
      () => Promise.reject(new Error('Boom.')),
    );

    expect(((await rejectionOf(outcome)).cause as Error).message).toBe('Boom.');
  });

  it('fails the handler when it cannot commit', async () => {
    const { outcome } = dispatched({
      run: async (work) => {
        await work(new FakeTransaction());
        throw new Error('The commit failed.');
      },
    });

    const error = (await rejectionOf(outcome)) as HandlerFailedError;

    expect((error.cause as Error).message).toBe('The commit failed.');
  });

  it('is asked at a time when a store with one writer can let go', async () => {
    const steps: string[] = [];
    const core = setup([idempotent('H', () => void steps.push('handled'))], {
      ...here,
      transactions: { run: (work) => (steps.push('run'), work(new FakeTransaction())) },
    });
    Object.assign(core.inbox, {
      exclusively: async (work: () => Promise<unknown>) => {
        steps.push('held');
        await work();
        steps.push('released');
      },
    });

    await core.bus.dispatch(new Task(1));

    expect(steps).toEqual(['held', 'run', 'handled', 'released']);
  });
});

describe('what an idempotent handler dispatches and another one handles at once', () => {
  it('joins its transaction', async () => {
    const { bus, inbox } = nested(
      (inner, { transaction }) => {
        transaction.write('outer');
        return inner.dispatch(new Inner(), [new MessageIdStamp('inner')]);
      },
      ({ transaction }) => transaction.write('inner'),
    );

    await bus.dispatch(new Task(1), [new MessageIdStamp('outer')]);

    expect(inbox.ends).toEqual(['commit']);
    expect(inbox.effects).toEqual(['outer', 'inner']);
    expect([...inbox.committed]).toEqual(['outer Outer', 'inner Inner']);
  });

  it('rolls it back when it fails, even if the outer handler does not mind', async () => {
    const { bus, inbox } = nested(
      (inner) => inner.dispatch(new Inner(), [new MessageIdStamp('inner')]).catch(() => undefined),
      ({ transaction }) => {
        transaction.write('half');
        throw new Error('Inner fails.');
      },
    );

    const error = await rejectionOf(bus.dispatch(new Task(1), [new MessageIdStamp('outer')]));

    expect((error.cause as Error).message).toBe('Inner fails.');
    expect(inbox.ends).toEqual(['rollback']);
    expect(inbox.committed.size).toBe(0);
  });

  it('is waited for, though nobody else waits for it', async () => {
    const gate = deferred();
    const { bus, inbox } = nested(
      (inner) => void inner.dispatch(new Inner()),
      async ({ transaction }) => {
        await gate.promise;
        transaction.write('inner');
      },
    );

    const outer = bus.dispatch(new Task(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(inbox.ends).toEqual([]);
    gate.resolve();
    await outer;

    expect(inbox.effects).toEqual(['inner']);
  });

  it('has a transaction of its own when it comes after the end', async () => {
    const gate = deferred();
    let late: Promise<unknown> | undefined;
    const { bus, inbox } = nested(
      (inner) => {
        late = gate.promise.then(() => inner.dispatch(new Inner()));
      },
      ({ transaction }) => transaction.write('late'),
    );

    await bus.dispatch(new Task(1));
    gate.resolve();
    await late;

    expect(inbox.ends).toEqual(['commit', 'commit']);
    expect(inbox.effects).toEqual(['late']);
  });

  it('is skipped if it was handled before, whatever the outer one is', async () => {
    const { bus, inbox } = nested(
      async (inner) =>
        (await inner.dispatch(new Inner(), [new MessageIdStamp('inner')])).has(HandledBeforeStamp),
      ({ transaction }) => transaction.write('inner'),
    );

    await bus.dispatch(new Task(1));
    await bus.dispatch(new Task(2));

    expect(inbox.effects).toEqual(['inner']);
  });
});

describe('the ambient transaction', () => {
  it('is that of the handler while it runs', async () => {
    const ambient: object[] = [];
    const { bus } = setup([idempotent('H', (_, { transaction }) => transaction.write('x'))], {
      ...here,
      runAmbient: (transaction, work) => (ambient.push(transaction), work()),
    });

    await bus.dispatch(new Task(1));

    expect(ambient).toMatchObject([{ writes: ['x'] }]);
  });
});
