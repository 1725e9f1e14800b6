import { Injectable, Scope } from '@nestjs/common';
import {
  MessageHandler,
  MessageSentToTransportsEvent,
  MessengerEvents,
  OnMessengerEvent,
  SendMessageToTransportsEvent,
  Stamp,
  WorkerFactory,
  WorkerMessageFailedEvent,
  WorkerMessageHandledEvent,
} from 'nestjs-messenger';
import { describe, expect, it } from 'vitest';
import { ResetBetweenMessages } from '../../lib/decorator/reset-between-messages.decorator.js';
import { bootApp, bootError } from './support/application.js';

class Ping {}

class NoteStamp extends Stamp {}

const options = { transports: { async: 'in-memory://' }, routing: [[Ping, 'async']] as const };

describe('a method with @OnMessengerEvent', () => {
  it('hears the events of its class, several if it is decorated so, and is awaited', async () => {
    @Injectable()
    class Reporter {
      readonly heard: string[] = [];
      @OnMessengerEvent(SendMessageToTransportsEvent)
      async mark(event: SendMessageToTransportsEvent): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        event.envelope = event.envelope.with(new NoteStamp());
      }
      @OnMessengerEvent(MessageSentToTransportsEvent)
      @OnMessengerEvent(WorkerMessageHandledEvent)
      note(event: object): void {
        this.heard.push(event.constructor.name);
      }
    }
    @MessageHandler(Ping)
    class PingHandler {
      handle(): void {}
    }
    const { app, bus } = await bootApp({ providers: [Reporter, PingHandler], options });

    const sent = await bus.dispatch(new Ping());
    await app.get(WorkerFactory).create(['async'], { stopWhenIdle: true }).run();

    expect(sent.has(NoteStamp)).toBe(true);
    expect(app.get(Reporter).heard).toEqual(['MessageSentToTransportsEvent', 'WorkerMessageHandledEvent']);
  });

  it('may belong to a request-scoped provider, made for the event', async () => {
    const made: object[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Reporter {
      constructor() {
        made.push(this);
      }
      @OnMessengerEvent(MessageSentToTransportsEvent)
      note(): void {}
    }
    const { bus } = await bootApp({ providers: [Reporter], options });

    await bus.dispatchAll([new Ping(), new Ping()]);

    expect(made).toHaveLength(2);
  });

  it('is inherited, and called once', async () => {
    const heard: string[] = [];
    abstract class Base {
      @OnMessengerEvent(MessageSentToTransportsEvent)
      note(): void {
        heard.push(this.constructor.name);
      }
    }
    @Injectable()
    class Concrete extends Base {}
    const { bus } = await bootApp({
      providers: [Concrete, { provide: 'alias', useExisting: Concrete }],
      options,
    });

    await bus.dispatch(new Ping());

    expect(heard).toEqual(['Concrete']);
  });

  it('is checked when the application boots', async () => {
    @Injectable()
    class Undefined {
      @OnMessengerEvent(undefined as unknown as typeof WorkerMessageFailedEvent)
      note(): void {}
    }
    class Static {
      @OnMessengerEvent(WorkerMessageFailedEvent)
      static note(): void {}
    }

    expect(await bootError({ providers: [Undefined] })).toMatchObject({
      code: 'MESSENGER_INVALID_OPTION',
      message:
        'Listener "Undefined.note": option "@OnMessengerEvent" must name an event class, got undefined.',
    });
    expect(await bootError({ providers: [Static] })).toMatchObject({ code: 'MESSENGER_MISSING_METHOD' });
  });

  it('is not the only way: MessengerEvents.on', async () => {
    const { app, bus } = await bootApp({ options });
    let count = 0;
    const stop = app.get(MessengerEvents).on(MessageSentToTransportsEvent, () => void (count += 1));

    await bus.dispatch(new Ping());
    stop();
    await bus.dispatch(new Ping());

    expect(count).toBe(1);
  });
});

describe('a provider with @ResetBetweenMessages', () => {
  it('is reset after each message; one that merely has a method "reset" is left alone', async () => {
    @ResetBetweenMessages()
    @Injectable()
    class Seen {
      orders: number[] = [];
      readonly history: number[][] = [];
      reset(): void {
        this.history.push(this.orders);
        this.orders = [];
      }
    }
    @Injectable()
    class Password {
      resets = 0;
      reset(): void {
        this.resets += 1;
      }
    }
    @MessageHandler(Ping)
    class PingHandler {
      constructor(readonly seen: Seen) {}
      handle(): void {
        this.seen.orders.push(1);
      }
    }
    const { app, bus } = await bootApp({ providers: [Seen, Password, PingHandler], options });
    await bus.dispatchAll([new Ping(), new Ping()]);

    await app.get(WorkerFactory).create(['async'], { stopWhenIdle: true }).run();

    expect(app.get(Seen).history).toEqual([[1], [1]]);
    expect(app.get(Password).resets).toBe(0);
  });
});
