import { Injectable, Module, Scope } from '@nestjs/common';
import {
  Envelope,
  getTransportToken,
  HandledStamp,
  JsonSerializer,
  MessageHandler,
  type Middleware,
  type Next,
  type RetryStrategy,
  type Serializer,
  Stamp,
  type TransportContext,
  type TransportFactory,
  UndecodableMessage,
  ValidationMiddleware,
  WorkerFactory,
} from 'nestjs-messenger';
import { InMemoryTransport } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { InMemoryTransportFactory } from '../../lib/transports/in-memory/in-memory.transport-factory.js';
import { bootApp, bootError } from './support/application.js';

class Ping {}

@MessageHandler(Ping)
class PingHandler {
  handle(): string {
    return 'pong';
  }
}

@Injectable()
class Journal {
  readonly lines: string[] = [];
}

@Injectable()
class AuditMiddleware implements Middleware {
  constructor(readonly journal: Journal) {}
  async handle(envelope: Envelope, next: Next): Promise<Envelope> {
    this.journal.lines.push('before');
    const handled = await next(envelope);
    this.journal.lines.push(`after: ${String(handled.last(HandledStamp)?.result)}`);
    return handled;
  }
}

const withMiddleware = (...middleware: readonly unknown[]) => ({
  buses: { command: { middleware: middleware as Middleware[] } },
});

describe('a middleware', () => {
  it('is the provider of its class, with its dependencies', async () => {
    @Module({ providers: [Journal, AuditMiddleware] })
    class AuditModule {}
    const { app, bus } = await bootApp({
      imports: [AuditModule],
      providers: [PingHandler],
      options: withMiddleware(AuditMiddleware),
    });

    await bus.dispatch(new Ping());

    expect(app.get(Journal, { strict: false }).lines).toEqual(['before', 'after: pong']);
  });

  it('is made by Nest if no module provides it, once for all buses', async () => {
    let made = 0;
    class Unprovided implements Middleware {
      constructor() {
        made += 1;
      }
      handle(envelope: Envelope, next: Next): Promise<Envelope> {
        return next(envelope);
      }
    }
    const { bus } = await bootApp({
      providers: [PingHandler],
      options: {
        buses: { command: { middleware: [Unprovided] }, event: { middleware: [Unprovided] } },
        defaultBus: 'command',
      },
    });

    expect(await bus.execute(new Ping())).toBe('pong');
    expect(made).toBe(1);
  });

  it('may be an instance, a token, or ours', async () => {
    const journal = new Journal();
    const { bus } = await bootApp({
      providers: [PingHandler, { provide: 'audit', useValue: new AuditMiddleware(journal) }],
      options: withMiddleware(new AuditMiddleware(journal), 'audit', ValidationMiddleware),
    });

    await bus.dispatch(new Ping());

    expect(journal.lines).toEqual(['before', 'before', 'after: pong', 'after: pong']);
  });

  it('must not be request-scoped, nor transient, nor depend on what is', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped extends AuditMiddleware {}
    @Injectable()
    class Indirect implements Middleware {
      constructor(readonly scoped: Scoped) {}
      handle(envelope: Envelope, next: Next): Promise<Envelope> {
        return next(envelope);
      }
    }
    const refusal = (type: unknown) =>
      bootError({ providers: [Journal, Scoped, Indirect], options: withMiddleware(type) });

    expect(await refusal(Scoped)).toMatchObject({
      code: 'MESSENGER_INVALID_OPTION',
      message: expect.stringContaining(
        'Bus "command": option "middleware" names "Scoped", which is request-scoped',
      ) as string,
    });
    expect((await refusal(Indirect)).message).toContain('names "Indirect"');
  });

  it('must be one, and must be possible to make', async () => {
    class NotOne {}
    class NeedsMuch {
      constructor(readonly journal: Journal) {}
      handle(): void {}
    }
    Injectable()(NeedsMuch);
    Reflect.defineMetadata('design:paramtypes', [Journal], NeedsMuch);

    expect((await bootError({ options: withMiddleware(NotOne) })).message).toBe(
      'Bus "command": option "middleware" must have a method "handle", which "NotOne" has not.',
    );
    expect((await bootError({ options: withMiddleware(undefined) })).message).toContain(
      'which undefined has not',
    );
    expect(await bootError({ options: withMiddleware('audit') })).toMatchObject({
      code: 'MESSENGER_UNKNOWN_PROVIDER',
      message: 'Bus "command", "middleware": no module provides "audit". Provide it in a module.',
    });
    expect(await bootError({ options: withMiddleware(NeedsMuch) })).toMatchObject({
      code: 'MESSENGER_UNKNOWN_PROVIDER',
      cause: expect.objectContaining({ message: expect.stringContaining('Journal') as string }) as Error,
    });
  });
});

describe('a serializer', () => {
  class Plain implements Serializer {
    encode(envelope: Envelope) {
      return { body: `a ${envelope.message.constructor.name}`, headers: {} };
    }
    decode(): Envelope {
      return new Envelope(new Ping());
    }
  }

  it.each([
    ['a provider', Plain],
    ['an instance', new Plain()],
    ['a token', 'plain-text'],
  ])('may be %s, for one transport', async (_, serializer) => {
    const { app, bus } = await bootApp({
      providers: [PingHandler, Plain, { provide: 'plain-text', useExisting: Plain }],
      options: {
        transports: { async: { dsn: 'in-memory://?serialize=true', serializer } },
        routing: [[Ping, 'async']],
      },
    });

    await bus.dispatch(new Ping());
    const result = await app.get(WorkerFactory).create(['async'], { stopWhenIdle: true }).run();

    expect(result).toMatchObject({ processed: 1, failed: 0 });
  });

  it('is the JSON serializer unless another is named, and one that throws loses no message', async () => {
    class Broken extends Plain {
      override decode(): never {
        throw new Error('cannot read');
      }
    }
    const { app, bus, logger } = await bootApp({
      providers: [PingHandler, Broken],
      options: {
        transports: {
          async: { dsn: 'in-memory://?serialize=true', retry: { maxRetries: 0 } },
          plain: { dsn: 'in-memory://?serialize=true', serializer: JsonSerializer },
          failed: 'in-memory://?serialize=true',
        },
        failureTransport: 'failed',
        serializer: Broken,
        routing: [[Ping, ['async', 'plain']]],
      },
    });

    await bus.dispatch(new Ping());
    const workers = app.get(WorkerFactory);

    expect(await workers.create(['plain'], { stopWhenIdle: true }).run()).toMatchObject({ failed: 0 });
    expect(await workers.create(['async'], { stopWhenIdle: true }).run()).toMatchObject({ failed: 1 });
    expect(app.get<InMemoryTransport>(getTransportToken('failed')).sent).toHaveLength(1);
    expect(logger.texts('error').join()).toContain('cannot read');
  });

  it('must be one', async () => {
    class NotOne {}

    expect(
      await bootError({
        options: { transports: { async: 'in-memory://' }, serializer: NotOne as unknown as Serializer },
      }),
    ).toMatchObject({
      code: 'MESSENGER_INVALID_OPTION',
      message: 'Transport "async": option "serializer" must have a method "encode", which "NotOne" has not.',
    });
  });
});

describe('every transport', () => {
  it('is given a serializer that quarantines what it cannot read, and knows the messages and stamps', async () => {
    const contexts: TransportContext[] = [];
    class Spying extends InMemoryTransportFactory {
      override readonly schemes = ['spying'];
      override create(...args: Parameters<InMemoryTransportFactory['create']>): InMemoryTransport {
        contexts.push(args[2]);
        return super.create(...args);
      }
    }
    class NoteStamp extends Stamp {}
    await bootApp({
      options: {
        transports: { async: 'spying://' },
        transportFactories: [new Spying()],
        messages: [Ping],
        stamps: [NoteStamp],
      },
    });
    const [context] = contexts;
    const encoded = context?.serializer.encode(new Envelope(new Ping(), [new NoteStamp()]));

    expect(context?.transportName).toBe('async');
    expect(context?.serializer.decode({ body: '{', headers: { type: 'Ping' } }).message).toBeInstanceOf(
      UndecodableMessage,
    );
    expect(encoded && context?.serializer.decode(encoded).message).toBeInstanceOf(Ping);
    expect(encoded && context?.serializer.decode(encoded).has(NoteStamp)).toBe(true);
  });
});

describe('a retry strategy', () => {
  it('may be a provider', async () => {
    const asked: string[] = [];
    @Injectable()
    class Never implements RetryStrategy {
      isRetryable(envelope: Envelope): boolean {
        asked.push(envelope.message.constructor.name);
        return false;
      }
      waitingTime(): number {
        return 0;
      }
    }
    @MessageHandler(Ping)
    class Failing {
      handle(): void {
        throw new Error('no');
      }
    }
    const { app, bus } = await bootApp({
      providers: [Failing, Never],
      options: { transports: { async: { dsn: 'in-memory://', retry: Never } }, routing: [[Ping, 'async']] },
    });

    await bus.dispatch(new Ping());
    await app.get(WorkerFactory).create(['async'], { stopWhenIdle: true }).run();

    expect(asked).toEqual(['Ping']);
  });
});

describe('a transport factory of the application', () => {
  class CustomFactory extends InMemoryTransportFactory implements TransportFactory {
    override readonly schemes = ['custom', 'Sqlite'];
  }

  it.each([
    ['a class', CustomFactory],
    ['an instance', new CustomFactory()],
  ])('may be %s; it adds schemes, and replaces built-in ones', async (_, factory) => {
    const { app } = await bootApp({
      options: { transports: { a: 'custom://', b: 'sqlite://' }, transportFactories: [factory] },
    });

    expect(app.get(getTransportToken('a'))).toBeInstanceOf(InMemoryTransport);
    expect(app.get(getTransportToken('b'))).toBeInstanceOf(InMemoryTransport);
  });
});
