import { describe, expect, it } from 'vitest';
import { Query } from '../../../lib/bus/query.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { HandlerFailedError } from '../../../lib/errors/handler-failed.error.js';
import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { HandlerArgumentsStamp } from '../../../lib/stamp/handler-arguments.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { createCore, handler, rejectionOf } from '../../fixtures/core.js';

abstract class Event {}
class OrderPlaced extends Event {
  constructor(readonly id: number) {
    super();
  }
}
@AsMessage({ name: 'billing.invoice.sent' })
class InvoiceSent {}
class GetOrder extends Query<string> {}

describe('handling a message where it is dispatched', () => {
  it('calls every handler and keeps their results in stamps, in order', async () => {
    const { bus } = createCore({
      handlers: [
        handler('A', OrderPlaced, ({ id }: OrderPlaced) => id),
        handler('B', OrderPlaced, async () => 'b'),
      ],
    });

    const envelope = await bus.dispatch(new OrderPlaced(7));

    expect(envelope.all(HandledStamp)).toEqual([new HandledStamp(7, 'A'), new HandledStamp('b', 'B')]);
    expect(envelope.message).toEqual(new OrderPlaced(7));
  });

  it('orders handlers by type first (class, ancestors, patterns, *), then by priority, then as registered', async () => {
    const called: string[] = [];
    const note = (name: string) => () => void called.push(name);
    const { bus } = createCore({
      handlers: [
        handler('star', '*', note('star'), { priority: 100 }),
        handler('short', 'bill*', note('short')),
        handler('long', 'billing.*', note('long')),
        handler('low', InvoiceSent, note('low'), { priority: -1 }),
        handler('first', InvoiceSent, note('first')),
        handler('second', InvoiceSent, note('second')),
        handler('high', InvoiceSent, note('high'), { priority: 10 }),
        handler('named', 'billing.invoice.sent', note('named')),
        handler('parent', Event, note('parent')),
      ],
    });

    await bus.dispatch(new InvoiceSent());
    await bus.dispatch(new OrderPlaced(1)).catch(() => undefined);

    expect(called).toEqual([
      'high',
      'first',
      'second',
      'low',
      'named',
      'long',
      'short',
      'star',
      'parent',
      'star',
    ]);
  });

  it('runs a handler registered for several matching types once', async () => {
    let calls = 0;
    const call = () => ++calls;
    const { bus } = createCore({ handlers: [handler('H', OrderPlaced, call), handler('H', Event, call)] });

    await bus.dispatch(new OrderPlaced(1));

    expect(calls).toBe(1);
  });

  it('runs all handlers even if one fails, then rejects with every failure and what succeeded', async () => {
    const boom = new Error('Boom.');
    const { bus } = createCore({
      handlers: [
        handler('Bad', OrderPlaced, () => {
          throw boom;
        }),
        handler('Good', OrderPlaced, () => 'fine'),
        handler('Worse', OrderPlaced, () => Promise.reject(new Error('Bang.'))),
      ],
    });

    const error = await rejectionOf(bus.dispatch(new OrderPlaced(1)));

    expect(error).toBeInstanceOf(HandlerFailedError);
    const { errors, envelope, cause, message } = error as HandlerFailedError;
    expect([...errors.keys()]).toEqual(['Bad', 'Worse']);
    expect(cause).toBe(boom);
    expect(message).toBe('Handling "OrderPlaced" failed: 2 handlers failed. The first failure is: Boom.');
    expect(envelope.all(HandledStamp)).toEqual([new HandledStamp('fine', 'Good')]);
  });

  it('skips handlers that have handled the message on an earlier try', async () => {
    const called: string[] = [];
    const { bus } = createCore({
      handlers: [
        handler('A', OrderPlaced, () => void called.push('A')),
        handler('B', OrderPlaced, () => void called.push('B')),
      ],
    });

    await bus.dispatch(new OrderPlaced(1), [new HandledStamp(undefined, 'A')]);

    expect(called).toEqual(['B']);
  });

  it('filters by transport only what was received from one', async () => {
    const called: string[] = [];
    const { bus } = createCore({
      handlers: [
        handler('any', OrderPlaced, () => void called.push('any')),
        handler('stock', OrderPlaced, () => void called.push('stock'), { fromTransport: 'stock' }),
      ],
    });

    await bus.dispatch(new OrderPlaced(1));
    await bus.dispatch(new OrderPlaced(1), [new ReceivedStamp('async')]);
    await bus.dispatch(new OrderPlaced(1), [new ReceivedStamp('stock')]);

    expect(called).toEqual(['any', 'stock', 'any', 'any', 'stock']);
  });

  it('tells the handler about its message, and passes additional arguments after that', async () => {
    const seen: unknown[] = [];
    const { bus } = createCore({
      handlers: [
        handler('H', OrderPlaced, (message: OrderPlaced, context: HandlerContext, ...more: unknown[]) => {
          seen.push(
            message.id,
            context.attempt,
            context.transport,
            context.signal.aborted,
            context.envelope.message,
            more,
          );
        }),
      ],
    });
    const message = new OrderPlaced(3);

    await bus.dispatch(message, [
      new RedeliveryStamp(2, new Date()),
      new ReceivedStamp('async'),
      new HandlerArgumentsStamp('a', 2),
    ]);

    expect(seen).toEqual([3, 3, 'async', false, message, ['a', 2]]);
  });

  it('rejects a message nobody handles, unless the bus allows it', async () => {
    const strict = createCore();
    const lax = createCore({ buses: { event: { allowNoHandlers: true } } });

    expect((await rejectionOf(strict.bus.dispatch(new OrderPlaced(1)))).message).toBe(
      'No handler for message "OrderPlaced" on bus "command". Decorate one with @MessageHandler(OrderPlaced), ' +
        'route the message to a transport, or set "allowNoHandlers" on the bus.',
    );
    expect((await lax.bus.dispatch(new OrderPlaced(1))).all(HandledStamp)).toEqual([]);
  });

  it.each([[null], [undefined], ['text'], [7]])('rejects %s as a message', async (message) => {
    const { bus } = createCore();

    expect((await rejectionOf(bus.dispatch(message as unknown as object))).message).toContain(
      'A message must be an instance of a class, got',
    );
  });

  it('aborts the signal of a handler that takes longer than its timeout, and fails it', async () => {
    let aborted: unknown;
    const { bus } = createCore({
      handlers: [
        handler(
          'Slow',
          OrderPlaced,
          (_: OrderPlaced, { signal }: HandlerContext) =>
            new Promise(() => signal.addEventListener('abort', () => (aborted = signal.reason))),
          { timeout: 5 },
        ),
      ],
    });

    const error = (await rejectionOf(bus.dispatch(new OrderPlaced(1)))) as HandlerFailedError;

    expect((error.cause as Error).message).toBe('Handler "Slow" did not finish within its timeout of 5 ms.');
    expect(aborted).toBe(error.cause);
  });

  it('reports whatever is thrown, even if it cannot be read', async () => {
    const hostile = {
      get message(): string {
        throw new Error('no');
      },
      toString(): string {
        throw new Error('no');
      },
    };
    const { bus } = createCore({
      handlers: [
        handler('H', OrderPlaced, () => {
          // oxlint-disable-next-line typescript/only-throw-error -- that is the case under test.
          throw hostile;
        }),
      ],
    });

    const error = await rejectionOf(bus.dispatch(new OrderPlaced(1)));

    expect(error.message).toBe('Handling "OrderPlaced" failed: an error whose text cannot be read.');
    expect(error.cause).toBe(hostile);
  });
});

describe('execute', () => {
  it('answers with the result of the only handler', async () => {
    const { bus } = createCore({ handlers: [handler('H', GetOrder, () => 'order 7')] });

    const result: string = await bus.execute(new GetOrder());

    expect(result).toBe('order 7');
  });

  it('throws what the handler threw, as it is', async () => {
    const boom = new Error('Boom.');
    const { bus } = createCore({ handlers: [handler('H', GetOrder, () => Promise.reject(boom))] });

    expect(await rejectionOf(bus.execute(new GetOrder()))).toBe(boom);
  });

  it('refuses several answers, and none', async () => {
    const two = createCore({ handlers: [handler('A', GetOrder, () => 1), handler('B', GetOrder, () => 2)] });
    const none = createCore({ buses: { query: { allowNoHandlers: true } } });

    expect((await rejectionOf(two.bus.execute(new GetOrder()))).message).toBe(
      'execute() needs exactly one handler for "GetOrder" in this process, but 2 did: "A", "B".',
    );
    expect((await rejectionOf(none.bus.execute(new Envelope(new GetOrder())))).message).toBe(
      'execute() needs exactly one handler for "GetOrder" in this process, but none handled it.',
    );
  });
});
