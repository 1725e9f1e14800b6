import { Injectable } from '@nestjs/common';
import {
  BusNameStamp,
  DelayStamp,
  getBusToken,
  getTransportToken,
  HandledStamp,
  type HandlerContext,
  type MessageBus,
  MessageHandler,
  MessengerEvents,
  ReceivedStamp,
  RedispatchMessage,
  SentStamp,
  type Transport,
  WorkerFactory,
  WorkerMessageHandledEvent,
} from 'nestjs-messenger';
import { InMemoryTransport } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { bootApp, bootError } from './support/application.js';

class Ping {
  constructor(readonly fail = false) {}
}

@Injectable()
class Handlers {
  @MessageHandler(Ping)
  handle(message: Ping, { transport, envelope }: HandlerContext): string {
    if (message.fail) {
      throw new Error('refused');
    }
    return `${transport} on ${envelope.last(BusNameStamp)?.busName}`;
  }
}

const options = { transports: { here: 'sync://' }, routing: [[Ping, 'here']] as const };

describe('a sync transport', () => {
  it('handles messages when they are sent, as received from it, on the bus they were dispatched on', async () => {
    const { app, bus } = await bootApp({
      providers: [Handlers],
      options: { ...options, buses: { command: {}, event: {} }, defaultBus: 'command' },
    });

    const envelope = await bus.dispatch(new Ping(), [new DelayStamp(60_000)]);
    expect(envelope.last(HandledStamp)?.result).toBe('here on command');
    expect(envelope.last(SentStamp)?.transportName).toBe('here');
    expect(envelope.last(ReceivedStamp)?.transportName).toBe('here');
    expect(await app.get<MessageBus>(getBusToken('event')).execute(new Ping())).toBe('here on event');
  });

  it('lets the dispatch fail with what the handler threw', async () => {
    const { bus } = await bootApp({ providers: [Handlers], options });

    await expect(bus.dispatch(new Ping(true))).rejects.toMatchObject({ code: 'MESSENGER_HANDLER_FAILED' });
    await expect(bus.dispatchAll([new Ping(), new Ping(true)])).rejects.toThrow('refused');
  });

  it.each([[['here', 'async']], [['async', 'here']]])(
    'does not keep the handlers from running for another transport: %j',
    async (to) => {
      const { app, bus } = await bootApp({
        providers: [Handlers],
        options: {
          transports: { here: 'sync://', async: 'in-memory://?serialize=true' },
          routing: [[Ping, to]],
        },
      });
      const handled: unknown[] = [];
      app.get(MessengerEvents).on(WorkerMessageHandledEvent, ({ envelope }) => {
        handled.push(envelope.last(HandledStamp)?.result);
      });

      const sent = await bus.dispatch(new Ping());
      await app.get(WorkerFactory).create(['async'], { stopWhenIdle: true }).run();

      expect(sent.all(HandledStamp).map(({ result }) => result)).toEqual(['here on default']);
      expect(sent.all(SentStamp).map(({ transportName }) => transportName)).toEqual(to);
      expect(handled).toEqual(['async on default']);
    },
  );

  it('cannot be consumed', async () => {
    const { app } = await bootApp({ options });
    const transport = app.get<Transport>(getTransportToken('here'));

    await expect(transport.get()).rejects.toMatchObject({ code: 'MESSENGER_NOT_CONSUMABLE' });
    await expect(transport.ack([])).rejects.toThrow(
      'Transport "here" handles its messages when they are sent',
    );
    await expect(transport.reject([])).rejects.toThrow('leave it out of the receivers');
  });

  it('has no options and nothing behind its scheme', async () => {
    const withDefinition = (definition: string | { dsn: string; options: object }) =>
      bootError({ options: { transports: { here: definition as string } } });

    expect(await withDefinition('sync://host')).toMatchObject({ code: 'MESSENGER_INVALID_DSN' });
    expect(await withDefinition('sync://?x=1')).toMatchObject({ code: 'MESSENGER_UNKNOWN_OPTION' });
    expect(await withDefinition({ dsn: 'sync://', options: { y: 1 } })).toMatchObject({
      code: 'MESSENGER_UNKNOWN_OPTION',
    });
  });
});

describe('a redispatched message', () => {
  it('goes where it says, and needs no handler of the application', async () => {
    const { app, bus } = await bootApp({
      providers: [Handlers],
      options: { ...options, transports: { here: 'sync://', later: 'in-memory://' } },
    });

    await bus.dispatch(new RedispatchMessage(new Ping(), ['later']));
    const redispatched = await bus.dispatch(new RedispatchMessage(new Ping()));

    expect(app.get<InMemoryTransport>(getTransportToken('later')).sent[0]?.message).toBeInstanceOf(Ping);
    expect(redispatched.last(HandledStamp)?.result).toMatchObject({ message: new Ping() });
  });
});
