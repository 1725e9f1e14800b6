import { Global, Injectable, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  type Envelope,
  getTransportToken,
  HandledStamp,
  MessageBus,
  MessageHandler,
  MessengerEvents,
  WorkerMessageHandledEvent,
  WorkerStartedEvent,
  WorkerStoppedEvent,
} from 'nestjs-messenger';
import { FakeClock, InMemoryTransport, MESSENGER_CLOCK } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { commandBoot } from '../../lib/module/command-boot.js';
import { RecordingTransport } from '../fixtures/recording-transport.js';
import { bootApp, bootError, compileApp } from './support/application.js';

class Ping {}

@MessageHandler(Ping)
class PingHandler {
  handle(): string {
    return 'pong';
  }
}

/** Resolves with the next event of a class. */
function next<E extends object>(
  events: MessengerEvents,
  type: abstract new (...args: never[]) => E,
): Promise<E> {
  return new Promise((resolve) => {
    const stop = events.on(type, (event) => {
      stop();
      resolve(event);
    });
  });
}

describe('a message may be dispatched', () => {
  it('before the application is initialized, as tests do that only compile it', async () => {
    const { bus } = await compileApp({ providers: [PingHandler] });

    expect(await bus.execute(new Ping())).toBe('pong');
  });

  it('from onModuleInit of any provider, whichever module comes first', async () => {
    const answers: unknown[] = [];
    @Injectable()
    class Eager implements OnModuleInit {
      constructor(private readonly bus: MessageBus) {}
      async onModuleInit(): Promise<void> {
        answers.push(await this.bus.execute(new Ping()));
      }
    }
    @Global()
    @Module({ providers: [Eager] })
    class EarlyModule {}
    @Module({ imports: [EarlyModule], providers: [Eager] })
    class LateModule {}
    await bootApp({ imports: [LateModule], providers: [PingHandler] });

    expect(answers).toEqual(['pong', 'pong']);
  });

  it('but not from a factory: providers are missing then, and its error says so', async () => {
    const attempts: Promise<Envelope>[] = [];
    @Module({
      providers: [
        {
          provide: 'impatient',
          inject: [MessageBus],
          useFactory: async (bus: MessageBus) => {
            const attempt = bus.dispatch(new Ping());
            attempts.push(attempt);
            await attempt.catch(() => undefined);
          },
        },
        { provide: 'slow', useFactory: () => new Promise((resolve) => setTimeout(resolve, 20)) },
      ],
    })
    class ImpatientModule {}
    const { bus } = await bootApp({ imports: [ImpatientModule], providers: [PingHandler] });

    await expect(attempts[0]).rejects.toMatchObject({ code: 'MESSENGER_NOT_READY' });
    expect(await bus.execute(new Ping())).toBe('pong');
  });

  it('and fails with what is wrong with a handler, as the boot then does', async () => {
    @MessageHandler(Ping, { bus: 'nowhere' })
    class Misplaced {
      handle(): void {}
    }
    const { bus, app } = await compileApp({ providers: [Misplaced] });

    await expect(bus.dispatch(new Ping())).rejects.toMatchObject({ code: 'MESSENGER_UNKNOWN_BUS' });
    await expect(app.init()).rejects.toMatchObject({ code: 'MESSENGER_UNKNOWN_BUS' });
  });
});

describe('a transport', () => {
  it('is closed after everything else has ended, and another is closed even if it fails', async () => {
    const order: string[] = [];
    @Injectable()
    class Farewell implements OnModuleDestroy {
      constructor(private readonly bus: MessageBus) {}
      async onModuleDestroy(): Promise<void> {
        await this.bus.dispatch(new Ping());
        order.push('last message');
      }
    }
    const closing = (name: string, error?: Error) =>
      Object.assign(new RecordingTransport(), {
        close: async () => {
          order.push(`close ${name}`);
          if (error !== undefined) {
            throw error;
          }
        },
      });
    const { app, logger } = await bootApp({
      providers: [Farewell],
      options: { transports: { a: 'in-memory://', b: 'in-memory://' }, routing: [[Ping, ['a', 'b']]] },
      override: (builder) =>
        builder
          .overrideProvider(getTransportToken('a'))
          .useValue(closing('a', new Error('gone')))
          .overrideProvider(getTransportToken('b'))
          .useValue(closing('b')),
    });

    await app.close();

    expect(order).toEqual(['last message', 'close a', 'close b']);
    expect(logger.texts('warn')).toEqual(['Transport "a" could not be closed.']);
  });

  it('goes by the clock of the module', async () => {
    const clock = new FakeClock();
    const { app } = await bootApp({
      options: { transports: { async: 'in-memory://' } },
      override: (builder) => builder.overrideProvider(MESSENGER_CLOCK).useValue(clock),
    });

    expect(app.get<InMemoryTransport>(getTransportToken('async')).clock).toBe(clock);
  });
});

describe('a worker inside the process', () => {
  const options = {
    transports: { async: 'in-memory://' },
    routing: [[Ping, 'async']] as const,
    workers: [{ receivers: ['async'], concurrency: 3 }],
  };

  it('handles messages until the application is closed', async () => {
    const { app, bus } = await bootApp({ providers: [PingHandler], options });
    const events = app.get(MessengerEvents);
    const handled = next(events, WorkerMessageHandledEvent);
    const stopped = next(events, WorkerStoppedEvent);

    await bus.dispatch(new Ping());
    expect((await handled).envelope.last(HandledStamp)?.result).toBe('pong');

    await app.close();
    expect(await stopped).toMatchObject({
      reason: 'the application shuts down',
      worker: { transportNames: ['async'], concurrency: 3 },
    });
  });

  it('finishes what it has in hand, before transports are closed', async () => {
    const order: string[] = [];
    let finish: () => void = () => undefined;
    let started: () => void = () => undefined;
    const isRunning = new Promise<void>((resolve) => (started = resolve));
    @MessageHandler(Ping)
    class Slow {
      async handle(): Promise<void> {
        started();
        await new Promise<void>((resolve) => (finish = resolve));
        order.push('handled');
      }
    }
    const transport = new InMemoryTransport();
    const close = transport.close.bind(transport);
    transport.close = async () => {
      order.push('closed');
      await close();
    };
    const { app, bus } = await bootApp({
      providers: [Slow],
      options,
      override: (builder) => builder.overrideProvider(getTransportToken('async')).useValue(transport),
    });
    await bus.dispatch(new Ping());
    await isRunning;

    const closed = app.close();
    setImmediate(finish);
    await closed;

    expect(order).toEqual(['handled', 'closed']);
    expect(transport.acknowledged).toHaveLength(1);
  });

  it('does not start in a process that carries out a command', async () => {
    const started: WorkerStartedEvent[] = [];
    await commandBoot.run({ logger: undefined }, async () => {
      const { app } = await compileApp({ providers: [PingHandler], options });
      app.get(MessengerEvents).on(WorkerStartedEvent, (event) => void started.push(event));
      await app.init();
    });

    expect(started).toEqual([]);
  });
});

describe('an application that only sends', () => {
  it('leaves nothing open when it is closed', async () => {
    const before = process.getActiveResourcesInfo().length;
    const { app, bus } = await bootApp({
      options: { transports: { async: 'in-memory://' }, routing: [[Ping, 'async']] },
    });
    await bus.dispatch(new Ping());
    await app.close();

    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
  });

  it('does not boot when a transport and its failure transport are one queue', async () => {
    const withDsns = (async: string, failed: string) =>
      bootError({ options: { transports: { async, failed }, failureTransport: 'failed' } });
    const message =
      'Transport "failed" cannot be a failure transport of "async": both keep their messages in the same place, so a message that ' +
      'fails would be handled again and again. Give each a stream, or a queue, of its own.';

    for (const dsn of ['redis://localhost/orders', 'sqlite::memory:?queue_name=orders']) {
      expect(await withDsns(dsn, dsn)).toMatchObject({
        code: 'MESSENGER_INVALID_FAILURE_TRANSPORT',
        message,
      });
    }
    expect(
      (await withDsns('redis://u:hunter2@localhost/a?read_timeout=1', 'redis://u:hunter2@localhost/a'))
        .message,
    ).toBe(message);
  });

  it('does not boot on a scheme it does not know', async () => {
    const withDsn = (dsn: string) => bootError({ options: { transports: { async: dsn } } });

    expect(await withDsn('kafka://localhost')).toMatchObject({
      code: 'MESSENGER_UNKNOWN_SCHEME',
      message:
        'Transport "async": the DSN scheme "kafka" is not known. Known schemes: "amqp", "amqps", "in-memory", "mariadb", "mysql", "pgsql", "postgres", "postgresql", "redis", ' +
        '"rediss", "sqlite", "sync", "valkey", "valkeys". ' +
        'Use one of them, or give MessengerModule a factory for it in "transportFactories".',
    });
    expect((await withDsn('sqlit:var/messenger.db')).message).toContain(
      'the DSN scheme "sqlit" is not known. Did you mean "sqlite"? Known schemes:',
    );
    expect((await withDsn('mysqls://ada:hunter2@localhost')).message).toContain('Did you mean "mysql"?');
    expect((await withDsn('mysqls://ada:hunter2@localhost')).message).not.toContain('hunter2');
  });
});
