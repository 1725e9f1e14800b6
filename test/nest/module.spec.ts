import { type DynamicModule, Inject, Injectable, Logger, Module, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AsMessage,
  BusRegistry,
  type Envelope,
  FailedMessageRetrier,
  FailedMessages,
  getBusToken,
  getTransportToken,
  HandledStamp,
  InjectBus,
  InjectTransport,
  MessageBus,
  MessageHandler,
  MessageRegistry,
  MessengerEvents,
  MESSENGER_LOGGER,
  type MessengerLogger,
  MessengerModule,
  RoutableMessageBus,
  StopSignal,
  type Transport,
  TransportNamesStamp,
  TransportRegistry,
  WorkerFactory,
} from 'nestjs-messenger';
import { InMemoryTransport } from 'nestjs-messenger/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { bootApp, bootError } from './support/application.js';

afterEach(() => Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']));

class Ping {}

@MessageHandler(Ping)
class PingHandler {
  handle(): string {
    return 'pong';
  }
}

describe('the module', () => {
  it('works without options: one bus called "default"', async () => {
    @Module({ imports: [MessengerModule.forRoot()], providers: [PingHandler] })
    class AppModule {}
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await app.init();

    expect(app.get(MessageBus).name).toBe('default');
    expect(await app.get(MessageBus).execute(new Ping())).toBe('pong');
    await app.close();
  });

  it('warns of a route whose name no message has, and names the one that was meant', async () => {
    @AsMessage({ name: 'order.placed', aliases: ['order.created'] })
    class OrderPlaced {}
    const routing = [
      'order.plaecd',
      'OrderPlaced',
      'order.created',
      'invoice',
      'order.placed',
      'bill.*',
      '*',
    ].map((name) => [name, 'async'] as const);
    const { logger } = await bootApp({
      options: { transports: { async: 'in-memory://' }, routing, messages: [OrderPlaced] },
    });

    const end = 'Correct the name, or add the class to the option "messages".';
    expect(logger.texts('warn')).toEqual([
      ...['order.plaecd', 'OrderPlaced', 'order.created'].map(
        (name) =>
          `The route of "${name}" belongs to no message that is known here. Did you mean "order.placed"? ${end}`,
      ),
      `The route of "invoice" belongs to no message that is known here. ${end}`,
    ]);
  });

  it.each<[string, Type | DynamicModule]>([
    ['the class without forRoot()', MessengerModule],
    ['forFeature() alone', MessengerModule.forFeature([])],
  ])('does not boot with %s: its handlers would handle nothing', async (_, imported) => {
    @Module({ imports: [imported], providers: [PingHandler] })
    class AppModule {}

    await expect(Test.createTestingModule({ imports: [AppModule] }).compile()).rejects.toMatchObject({
      code: 'MESSENGER_MODULE_MISSING',
      message: expect.stringMatching(/Add "MessengerModule\.forRoot\(.*\)" to the imports/) as string,
    });
  });

  it('may be imported as a bare class beside forRoot()', async () => {
    const { bus } = await bootApp({ imports: [MessengerModule], providers: [PingHandler] });

    expect(await bus.execute(new Ping())).toBe('pong');
  });

  it('guards the logger it is given: what that throws reaches nobody', async () => {
    const fail = (): never => {
      throw new RangeError('the log is full');
    };
    const { app } = await bootApp({ options: { logger: { enabled: fail, log: fail } } });
    Logger.overrideLogger(false);
    const logger = app.get<MessengerLogger>(MESSENGER_LOGGER);

    expect(logger.enabled('debug')).toBe(false);
    expect(() => logger.log('error', 'Failed.')).not.toThrow();
  });

  it('refuses null in place of its options', async () => {
    const booted = (imported: DynamicModule) => Test.createTestingModule({ imports: [imported] }).compile();

    await expect(booted(MessengerModule.forRoot(null as never))).rejects.toMatchObject({
      code: 'MESSENGER_INVALID_OPTION',
      message: 'MessengerModule.forRoot(): option "options" must be an object, got null.',
    });
    await expect(booted(MessengerModule.forRootAsync(null as never))).rejects.toMatchObject({
      code: 'MESSENGER_INVALID_OPTION',
      message: 'MessengerModule.forRootAsync(): option "options" must be an object, got null.',
    });
  });

  it('is global: providers of every module have the buses and transports injected', async () => {
    @Injectable()
    class Shop {
      constructor(
        readonly bus: MessageBus,
        @InjectBus('event') readonly events: MessageBus,
        @InjectTransport('async') readonly transport: Transport,
      ) {}
    }
    @Module({ providers: [Shop] })
    class ShopModule {}
    const { app } = await bootApp({
      imports: [ShopModule],
      options: {
        transports: { async: 'in-memory://' },
        buses: { command: {}, event: {} },
        defaultBus: 'command',
      },
    });
    const shop = app.get(Shop);

    expect([shop.bus.name, shop.events.name]).toEqual(['command', 'event']);
    expect(shop.bus).toBe(app.get(getBusToken('command')));
    expect(shop.transport).toBe(app.get(TransportRegistry).get('async'));
  });

  it.each([
    MessengerEvents,
    MessageRegistry,
    TransportRegistry,
    BusRegistry,
    RoutableMessageBus,
    WorkerFactory,
    FailedMessages,
    FailedMessageRetrier,
    StopSignal,
  ])('provides %o', async (type) => {
    const { app } = await bootApp({ options: { transports: { async: 'in-memory://' } } });

    expect(app.get(type as typeof MessengerEvents)).toBeInstanceOf(type);
  });

  it('is refused twice in one application', async () => {
    expect(await bootError({ imports: [MessengerModule.forRoot()] })).toMatchObject({
      code: 'MESSENGER_MODULE_IMPORTED_TWICE',
    });
  });

  it('lets two applications in one process be strangers', async () => {
    const first = await bootApp({
      providers: [PingHandler],
      options: { transports: { async: 'in-memory://' }, routing: [[Ping, 'async']] },
    });
    const second = await bootApp({
      providers: [PingHandler],
      options: { transports: { async: 'in-memory://' }, routing: [[Ping, 'async']] },
    });

    await first.bus.dispatch(new Ping());

    expect(first.app.get<InMemoryTransport>(getTransportToken('async')).sent).toHaveLength(1);
    expect(second.app.get<InMemoryTransport>(getTransportToken('async')).sent).toHaveLength(0);
    await first.app.close();
    await expect(second.bus.dispatch(new Ping())).resolves.toBeDefined();
  });
});

describe('a transport that a test overrides', () => {
  it('is the one that buses, the registry and workers use', async () => {
    const async = new InMemoryTransport();
    const { app, bus } = await bootApp({
      providers: [PingHandler],
      options: {
        // Would fail if it were made: there is no such directory.
        transports: { async: 'sqlite:/nowhere/at/all/messenger.db' },
        routing: [[Ping, 'async']],
      },
      override: (builder) => builder.overrideProvider(getTransportToken('async')).useValue(async),
    });

    await bus.dispatch(new Ping());
    expect(async.sent).toHaveLength(1);
    expect(app.get(TransportRegistry).get('async')).toBe(async);

    const result = await app.get(WorkerFactory).create(['async'], { stopWhenIdle: true }).run();
    expect(result).toMatchObject({ processed: 1, failed: 0 });
    expect(async.acknowledged).toHaveLength(1);
  });
});

describe('the message registry', () => {
  it('knows the types of handlers, routes and the option "messages"', async () => {
    @AsMessage({ name: 'order.placed' })
    class OrderPlaced {}
    class Routed {}
    const { app } = await bootApp({
      providers: [PingHandler],
      options: {
        transports: { async: 'in-memory://' },
        routing: [
          [Routed, 'async'],
          ['billing.*', 'async'],
        ],
        messages: [OrderPlaced],
      },
    });

    expect(app.get(MessageRegistry).names()).toEqual(
      expect.arrayContaining(['Ping', 'Routed', 'order.placed']),
    );
  });

  it('refuses two classes of one name when the application boots', async () => {
    const Other = (() => {
      class Ping {}
      return Ping;
    })();

    expect(await bootError({ providers: [PingHandler], options: { messages: [Other] } })).toMatchObject({
      code: 'MESSENGER_DUPLICATE_MESSAGE_NAME',
    });
  });

  it('leads to a check of the transports that @AsMessage names', async () => {
    @AsMessage({ transport: 'asnyc' })
    class Misrouted {}

    expect(
      await bootError({ options: { messages: [Misrouted], transports: { async: 'in-memory://' } } }),
    ).toMatchObject({
      code: 'MESSENGER_UNKNOWN_TRANSPORT',
      message: '@AsMessage of class "Misrouted": unknown transport "asnyc". Known transports: "async".',
    });
  });
});

describe('forFeature', () => {
  @Injectable()
  class ThirdParty {
    constructor(@Inject('label') readonly label: string) {}
    reserve(_message: Ping): string {
      return this.label;
    }
  }
  @Module({ providers: [ThirdParty, { provide: 'label', useValue: 'reserved' }] })
  class ThirdPartyModule {}

  it('registers a handler for a provider of another module, by its class or token', async () => {
    const { bus } = await bootApp({
      imports: [
        ThirdPartyModule,
        MessengerModule.forFeature([{ handles: Ping, provider: ThirdParty, method: 'reserve' }]),
        MessengerModule.forFeature([{ handles: ['Ping'], provider: 'plain', method: 'run', priority: -1 }]),
      ],
      providers: [{ provide: 'plain', useValue: { run: () => 'plain' } }],
    });

    const envelope = await bus.dispatch(new Ping());

    expect(envelope.all(HandledStamp)).toMatchObject([
      { handlerName: 'ThirdParty.reserve', result: 'reserved' },
      { handlerName: 'plain.run', result: 'plain' },
    ]);
  });

  it('makes the value of a request-scoped factory anew for each message', async () => {
    let made = 0;
    const { bus } = await bootApp({
      imports: [MessengerModule.forFeature([{ handles: Ping, provider: 'session' }])],
      providers: [
        {
          provide: 'session',
          scope: Scope.REQUEST,
          inject: [REQUEST],
          useFactory: (envelope: Envelope) => {
            made += 1;
            return { handle: (message: Ping) => envelope.message === message };
          },
        },
      ],
    });

    expect([await bus.execute(new Ping()), await bus.execute(new Ping())]).toEqual([true, true]);
    expect(made).toBe(2);
  });

  it('takes the conditions of a handler', async () => {
    const { bus } = await bootApp({
      imports: [
        ThirdPartyModule,
        MessengerModule.forFeature([
          { handles: Ping, provider: ThirdParty, method: 'reserve', fromTransport: 'there' },
        ]),
      ],
      options: { transports: { here: 'sync://', there: 'sync://' } },
    });

    await expect(bus.dispatch(new Ping(), [new TransportNamesStamp('here')])).rejects.toThrow('No handler');
    expect(await bus.execute(new Ping(), [new TransportNamesStamp('there')])).toBe('reserved');
  });

  it('checks at boot what it is given', async () => {
    const withRegistration = (registration: object) =>
      bootError({
        imports: [
          ThirdPartyModule,
          MessengerModule.forFeature([{ handles: Ping, provider: ThirdParty, ...registration }]),
        ],
      });

    expect(await withRegistration({ provider: 'nobody' })).toMatchObject({
      code: 'MESSENGER_UNKNOWN_PROVIDER',
      message: expect.stringContaining('no module provides "nobody"') as string,
    });
    expect(await withRegistration({})).toMatchObject({ code: 'MESSENGER_MISSING_METHOD' });
    expect(await withRegistration({ method: 'reserve', buss: 'x' })).toMatchObject({
      code: 'MESSENGER_UNKNOWN_OPTION',
    });
  });
});
