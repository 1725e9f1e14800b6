import { Injectable, Module } from '@nestjs/common';
import {
  type Batch,
  type HandlerContext,
  HandledStamp,
  MessageHandler,
  ReceivedStamp,
  TransportNamesStamp,
} from 'nestjs-messenger';
import { describe, expect, it } from 'vitest';
import { bootApp } from './support/application.js';

class OrderPlaced {
  constructor(readonly orderId: number) {}
}
class OrderCancelled {
  constructor(readonly orderId: number) {}
}

@Injectable()
class Notes {
  readonly lines: string[] = [];
}

describe('a handler class', () => {
  @MessageHandler(OrderPlaced)
  class SendConfirmation {
    constructor(private readonly notes: Notes) {}

    handle({ orderId }: OrderPlaced, context: HandlerContext): string {
      this.notes.lines.push(`order ${orderId}, attempt ${context.attempt}`);
      return 'sent';
    }
  }

  it('has its dependencies injected, and handles what its decorator names', async () => {
    const { app, bus } = await bootApp({ providers: [Notes, SendConfirmation] });

    const envelope = await bus.dispatch(new OrderPlaced(7));

    expect(app.get(Notes).lines).toEqual(['order 7, attempt 1']);
    expect(envelope.last(HandledStamp)).toMatchObject({
      result: 'sent',
      handlerName: 'SendConfirmation.handle',
    });
  });

  it('may name another method, several types and several decorators', async () => {
    @MessageHandler([OrderPlaced, OrderCancelled], { method: 'note' })
    @MessageHandler(OrderPlaced, { method: 'count' })
    class Ledger {
      constructor(private readonly notes: Notes) {}
      note(message: object): void {
        this.notes.lines.push(`note ${message.constructor.name}`);
      }
      count(): void {
        this.notes.lines.push('count');
      }
    }
    const { app, bus } = await bootApp({ providers: [Notes, Ledger] });

    await bus.dispatch(new OrderPlaced(1));
    await bus.dispatch(new OrderCancelled(1));

    expect(app.get(Notes).lines).toEqual(['note OrderPlaced', 'count', 'note OrderCancelled']);
  });

  it('may be described by options alone', async () => {
    @MessageHandler({ handles: OrderPlaced, method: 'run', name: 'billing.invoice' })
    class Invoice {
      run(): number {
        return 42;
      }
    }
    const { bus } = await bootApp({ providers: [Invoice] });

    expect((await bus.dispatch(new OrderPlaced(1))).last(HandledStamp)).toMatchObject({
      result: 42,
      handlerName: 'billing.invoice',
    });
  });
});

describe('a handler method', () => {
  it('reads the message type from its first parameter', async () => {
    @Injectable()
    class Stock {
      constructor(private readonly notes: Notes) {}
      @MessageHandler()
      reserve(message: OrderPlaced): void {
        this.notes.lines.push(`reserve ${message.orderId}`);
      }
      @MessageHandler({ priority: 1 })
      release(message: OrderCancelled): void {
        this.notes.lines.push(`release ${message.orderId}`);
      }
    }
    const { app, bus } = await bootApp({ providers: [Notes, Stock] });

    await bus.dispatch(new OrderPlaced(1));
    await bus.dispatch(new OrderCancelled(2));

    expect(app.get(Notes).lines).toEqual(['reserve 1', 'release 2']);
  });

  it('runs by priority, then in the order of writing', async () => {
    @Injectable()
    class Steps {
      constructor(private readonly notes: Notes) {}
      @MessageHandler(OrderPlaced)
      first(): void {
        this.notes.lines.push('first');
      }
      @MessageHandler(OrderPlaced)
      second(): void {
        this.notes.lines.push('second');
      }
      @MessageHandler(OrderPlaced, { priority: 10 })
      urgent(): void {
        this.notes.lines.push('urgent');
      }
    }
    const { app, bus } = await bootApp({ providers: [Notes, Steps] });

    await bus.dispatch(new OrderPlaced(1));

    expect(app.get(Notes).lines).toEqual(['urgent', 'first', 'second']);
  });

  it('may have a symbol for a name', async () => {
    const reserve = Symbol('reserve');
    @Injectable()
    class Stock {
      @MessageHandler(OrderPlaced)
      [reserve](): string {
        return 'reserved';
      }
    }
    const { bus } = await bootApp({ providers: [Stock] });

    expect((await bus.dispatch(new OrderPlaced(1))).last(HandledStamp)).toMatchObject({
      result: 'reserved',
      handlerName: 'Stock.reserve',
    });
  });

  it('is looked up at each call, so that a test can spy on it', async () => {
    @Injectable()
    class Stock {
      @MessageHandler(OrderPlaced)
      reserve(): string {
        return 'original';
      }
    }
    const { app, bus } = await bootApp({ providers: [Stock] });
    app.get(Stock).reserve = () => 'spy';

    expect(await bus.execute(new OrderPlaced(1))).toBe('spy');
  });

  it('handles messages by name pattern, and every message by "*"', async () => {
    @Injectable()
    class Audit {
      constructor(private readonly notes: Notes) {}
      @MessageHandler('Order*')
      order(message: object): void {
        this.notes.lines.push(`order: ${message.constructor.name}`);
      }
      @MessageHandler('*')
      all(message: object): void {
        this.notes.lines.push(`all: ${message.constructor.name}`);
      }
    }
    const { app, bus } = await bootApp({ providers: [Notes, Audit] });

    await bus.dispatch(new OrderPlaced(1));
    await bus.dispatch(new Notes());

    expect(app.get(Notes).lines).toEqual(['order: OrderPlaced', 'all: OrderPlaced', 'all: Notes']);
  });

  it('takes a batch of one for a message that is handled where it was dispatched', async () => {
    @Injectable()
    class Rows {
      @MessageHandler(OrderPlaced, { batch: { size: 100, idleTimeout: 60_000 }, timeout: 1000 })
      store(batch: Batch<OrderPlaced>): void {
        for (const item of batch) {
          item.ack(item.message.orderId + batch.size);
        }
      }
    }
    const { bus } = await bootApp({ providers: [Rows] });

    expect(await bus.execute(new OrderPlaced(1))).toBe(2);
  });
});

describe('the conditions of a handler', () => {
  it('keep it to one bus', async () => {
    @Injectable()
    class Handlers {
      @MessageHandler(OrderPlaced, { bus: 'event' })
      onEvent(): string {
        return 'event';
      }
      @MessageHandler(OrderPlaced, { bus: 'command' })
      onCommand(): string {
        return 'command';
      }
    }
    const { bus } = await bootApp({
      providers: [Handlers],
      options: { buses: { command: {}, event: {} }, defaultBus: 'command' },
    });

    expect(await bus.execute(new OrderPlaced(1))).toBe('command');
  });

  it('keep it to messages from one transport', async () => {
    @Injectable()
    class Handlers {
      @MessageHandler(OrderPlaced, { fromTransport: 'here' })
      fromHere(): string {
        return 'here';
      }
      @MessageHandler(OrderPlaced, { fromTransport: 'there' })
      fromThere(): string {
        return 'there';
      }
    }
    const { bus } = await bootApp({
      providers: [Handlers],
      options: { transports: { here: 'sync://', there: 'sync://' } },
    });

    const envelope = await bus.dispatch(new OrderPlaced(1), [new TransportNamesStamp('there')]);

    expect(envelope.last(ReceivedStamp)?.transportName).toBe('there');
    expect(envelope.all(HandledStamp).map(({ result }) => result)).toEqual(['there']);
  });
});

describe('several decorators on one method', () => {
  it('add up: different transports, different types', async () => {
    @Injectable()
    class Handlers {
      @MessageHandler(OrderPlaced, { fromTransport: 'here' })
      @MessageHandler(OrderPlaced, { fromTransport: 'there' })
      @MessageHandler(OrderCancelled)
      handle(message: object, { transport }: HandlerContext): string {
        return `${message.constructor.name} from ${transport}`;
      }
    }
    const { bus } = await bootApp({
      providers: [Handlers],
      options: { transports: { here: 'sync://', there: 'sync://' } },
    });

    expect(await bus.execute(new OrderPlaced(1), [new TransportNamesStamp('here')])).toBe(
      'OrderPlaced from here',
    );
    expect(await bus.execute(new OrderPlaced(1), [new TransportNamesStamp('there')])).toBe(
      'OrderPlaced from there',
    );
    expect(await bus.execute(new OrderCancelled(1))).toBe('OrderCancelled from undefined');
  });

  it('run a method once for a message that two of them mean', async () => {
    let calls = 0;
    @Injectable()
    class Handlers {
      @MessageHandler(OrderPlaced)
      @MessageHandler('*')
      handle(): void {
        calls += 1;
      }
    }
    const { bus } = await bootApp({ providers: [Handlers] });

    await bus.dispatch(new OrderPlaced(1));

    expect(calls).toBe(1);
  });
});

describe('providers of every kind', () => {
  @Injectable()
  class Stock {
    constructor(readonly label: string = 'default') {}
    @MessageHandler(OrderPlaced)
    reserve(): string {
      return this.label;
    }
  }

  it.each([
    ['useValue', { provide: 'stock', useValue: new Stock('value') }, 'value'],
    ['useFactory', { provide: 'stock', useFactory: () => new Stock('factory') }, 'factory'],
    [
      'an asynchronous useFactory',
      { provide: 'stock', useFactory: () => Promise.resolve(new Stock('late')) },
      'late',
    ],
  ])('hold handlers: %s', async (_, provider, expected) => {
    const { bus } = await bootApp({ providers: [provider] });

    expect(await bus.execute(new OrderPlaced(1))).toBe(expected);
  });

  it('hold handlers: useClass', async () => {
    @Injectable()
    class Special {
      @MessageHandler(OrderPlaced)
      reserve(): string {
        return 'special';
      }
    }
    const { bus } = await bootApp({ providers: [{ provide: 'stock', useClass: Special }] });

    expect(await bus.execute(new OrderPlaced(1))).toBe('special');
  });

  it('stand for one handler where several tokens lead to one instance', async () => {
    const stock = new Stock('one');
    const { bus } = await bootApp({
      providers: [
        { provide: Stock, useValue: stock },
        { provide: 'alias', useExisting: Stock },
        { provide: 'same', useFactory: (other: Stock) => other, inject: [Stock] },
        { provide: 'again', useValue: stock },
      ],
    });

    expect((await bus.dispatch(new OrderPlaced(1))).all(HandledStamp)).toHaveLength(1);
  });

  it('stand for one handler where a module exports it to others', async () => {
    @Module({ providers: [{ provide: Stock, useValue: new Stock('shared') }], exports: [Stock] })
    class StockModule {}
    @Module({ imports: [StockModule], exports: [StockModule] })
    class ShopModule {}
    const { bus } = await bootApp({ imports: [ShopModule, StockModule] });

    expect((await bus.dispatch(new OrderPlaced(1))).all(HandledStamp)).toHaveLength(1);
  });

  it('may be anything else: null, texts, functions, getters that throw, revoked proxies', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    const touchy = {
      get trap(): never {
        throw new Error('A getter was called.');
      },
    };
    class TouchyClass {
      get handle(): never {
        throw new Error('A getter was called.');
      }
    }
    const { bus } = await bootApp({
      providers: [
        { provide: 'null', useValue: null },
        { provide: 'undefined', useFactory: () => undefined },
        { provide: 'text', useValue: 'text' },
        { provide: 'class', useValue: Stock },
        { provide: 'bare', useValue: Object.create(null) as object },
        { provide: 'touchy', useValue: touchy },
        {
          provide: 'proxy',
          useFactory: () => {
            setImmediate(revoke);
            return proxy;
          },
        },
        TouchyClass,
        { provide: Stock, useValue: new Stock('fine') },
      ],
    });

    expect(await bus.execute(new OrderPlaced(1))).toBe('fine');
  });
});
