// Compiled, never run: what the compiler has to infer and to refuse.
import {
  Command,
  DelayStamp,
  type Envelope,
  HandledStamp,
  type HandlerContext,
  type MessageBus,
  type Middleware,
  Query,
  ReceivedStamp,
  Stamp,
  TransportNamesStamp,
} from 'nestjs-messenger';

interface Order {
  readonly id: number;
}
class GetOrder extends Query<Order> {
  constructor(readonly id: number) {
    super();
  }
}
class PlaceOrder extends Command<number> {}
class OrderPlaced {
  constructor(readonly id: number) {}
}
class TenantStamp extends Stamp {
  constructor(readonly tenant: string) {
    super();
  }
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function expectType<T extends true>(...proofs: T[]): void;

export async function executeInfersTheResult(bus: MessageBus): Promise<void> {
  const order = await bus.execute(new GetOrder(7));
  expectType<Equal<typeof order, Order>>();
  const id = await bus.execute(new PlaceOrder());
  expectType<Equal<typeof id, number>>();
  const unknown = await bus.execute(new OrderPlaced(1));
  expectType<Equal<typeof unknown, unknown>>();
}

export async function dispatchKeepsTheTypeOfTheMessage(bus: MessageBus): Promise<void> {
  const envelope = await bus.dispatch(new OrderPlaced(1), [
    new DelayStamp(5),
    new TransportNamesStamp(['async']),
  ]);
  expectType<Equal<typeof envelope, Envelope<OrderPlaced>>>();
  const again = await bus.dispatch(envelope);
  expectType<Equal<typeof again, Envelope<OrderPlaced>>>();
  const all = await bus.dispatchAll([new OrderPlaced(1), new OrderPlaced(2)]);
  expectType<Equal<typeof all, ReadonlyArray<Envelope<OrderPlaced>>>>();

  // @ts-expect-error -- a message is an object.
  await bus.dispatch('text');
  // @ts-expect-error -- a class is no stamp.
  await bus.dispatch(new OrderPlaced(1), [DelayStamp]);
  // @ts-expect-error -- an object that merely looks like one is no stamp.
  await bus.dispatch(new OrderPlaced(1), [{ delay: 5 }]);
}

export function lastNarrowsToTheStamp(envelope: Envelope): void {
  const delay = envelope.last(DelayStamp);
  expectType<Equal<typeof delay, DelayStamp | undefined>>();
  const handled = envelope.all(HandledStamp);
  expectType<Equal<(typeof handled)[number]['handlerName'], string>>();
  const tenant = envelope.last(TenantStamp)?.tenant;
  expectType<Equal<typeof tenant, string | undefined>>();
  const stamps = envelope.all();
  expectType<Equal<typeof stamps, readonly Stamp[]>>();

  // @ts-expect-error -- a message class is no stamp class.
  envelope.last(OrderPlaced);
  // @ts-expect-error -- envelopes do not change.
  envelope.message = new OrderPlaced(2);
}

export const passing: Middleware = {
  handle: (envelope, next) => next(envelope.with(new ReceivedStamp('x'))),
};

export function theTransactionOfAHandlerHasTheTypeOneSays(
  any: HandlerContext,
  own: HandlerContext<{ query(sql: string): void }>,
): void {
  expectType<Equal<typeof any.transaction, object | undefined>>();
  own.transaction.query('SELECT 1');
}
