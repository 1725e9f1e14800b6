import { Inject, Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory, REQUEST } from '@nestjs/core';
import { type Batch, Envelope, MessageHandler, Stamp } from 'nestjs-messenger';
import { describe, expect, it } from 'vitest';
import { bootApp } from './support/application.js';

class Job {
  constructor(readonly n: number) {}
}

class TenantStamp extends Stamp {
  constructor(readonly tenant: string) {
    super();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestLog {
  readonly entries: number[] = [];
  constructor(@Inject(REQUEST) readonly request: Envelope<Job>) {}
}

@Injectable()
class Counter {
  made = 0;
}

describe('a request-scoped handler', () => {
  @MessageHandler(Job)
  @Injectable({ scope: Scope.REQUEST })
  class Scoped {
    constructor(
      readonly log: RequestLog,
      readonly counter: Counter,
    ) {
      counter.made += 1;
    }

    async handle(message: Job): Promise<object> {
      this.log.entries.push(message.n);
      await new Promise((resolve) => setImmediate(resolve));
      this.log.entries.push(message.n);
      return { entries: this.log.entries, request: this.log.request };
    }
  }

  it('is made anew for each message, with its dependencies; REQUEST is the envelope', async () => {
    const { app, bus } = await bootApp({ providers: [Scoped, RequestLog, Counter] });
    const envelope = new Envelope(new Job(1)).with(new TenantStamp('acme'));

    const first = await bus.execute<{ request: Envelope }>(envelope);
    await bus.execute(new Job(2));

    expect(first.request.message).toBe(envelope.message);
    expect(first.request.last(TenantStamp)?.tenant).toBe('acme');
    expect(app.get(Counter).made).toBe(2);
  });

  it('shares nothing with messages handled at the same time', async () => {
    const { bus } = await bootApp({ providers: [Scoped, RequestLog, Counter] });

    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) => bus.execute<{ entries: number[] }>(new Job(n))),
    );

    expect(results.map(({ entries }) => entries)).toEqual(Array.from({ length: 50 }, (_, n) => [n, n]));
  });

  it('need not say so: it is enough that a dependency is request-scoped', async () => {
    @MessageHandler(Job)
    class Indirect {
      constructor(readonly log: RequestLog) {}
      handle(message: Job): number[] {
        this.log.entries.push(message.n);
        return this.log.entries;
      }
    }
    const { bus } = await bootApp({ providers: [Indirect, RequestLog] });

    expect(await bus.execute(new Job(1))).toEqual([1]);
    expect(await bus.execute(new Job(2))).toEqual([2]);
  });

  it('is found under another token too, in whatever module', async () => {
    const { bus } = await bootApp({
      providers: [RequestLog, Counter, { provide: 'job handler', useClass: Scoped }],
    });

    expect(await bus.execute<{ entries: number[] }>(new Job(3))).toMatchObject({ entries: [3, 3] });
  });

  it('takes a batch with one instance', async () => {
    @MessageHandler(Job, { batch: { size: 10 } })
    @Injectable({ scope: Scope.REQUEST })
    class Batched {
      constructor(readonly log: RequestLog) {}
      handle(batch: Batch<Job>): void {
        for (const item of batch) {
          item.ack(this.log.request.message === item.message);
        }
      }
    }
    const { bus } = await bootApp({ providers: [Batched, RequestLog] });

    expect(await bus.execute(new Job(1))).toBe(true);
  });

  it('fails the message if its dependency cannot be made', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Broken {
      constructor() {
        throw new Error('no tenant');
      }
    }
    @MessageHandler(Job)
    class Dependent {
      constructor(readonly broken: Broken) {}
      handle(): void {}
    }
    const { bus } = await bootApp({ providers: [Dependent, Broken] });

    await expect(bus.execute(new Job(1))).rejects.toThrow('no tenant');
  });
});

describe('a transient handler', () => {
  it('is made anew for each message, with its dependencies', async () => {
    @MessageHandler(Job)
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      seen = 0;
      constructor(readonly counter: Counter) {
        counter.made += 1;
      }
      handle(): number {
        this.seen += 1;
        return this.seen;
      }
    }
    const { bus, app } = await bootApp({ providers: [Transient, Counter] });

    expect(await bus.execute(new Job(1))).toBe(1);
    expect(await bus.execute(new Job(2))).toBe(1);
    expect(app.get(Counter).made).toBeGreaterThanOrEqual(2);
  });
});

describe('a durable handler', () => {
  it('is shared by the messages that the strategy of the application puts together', async () => {
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Tenant {
      messages = 0;
      constructor(@Inject(REQUEST) readonly payload: { readonly tenant: string }) {}
    }
    @MessageHandler(Job)
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Durable {
      constructor(readonly tenant: Tenant) {}
      handle(): string {
        this.tenant.messages += 1;
        return `${this.tenant.payload.tenant} ${this.tenant.messages}`;
      }
    }
    const roots = new Map<string, ReturnType<typeof ContextIdFactory.create>>();
    ContextIdFactory.apply({
      attach: (contextId, request: unknown) => {
        const tenant = request instanceof Envelope ? (request.last(TenantStamp)?.tenant ?? '') : '';
        const root = roots.get(tenant) ?? ContextIdFactory.create();
        roots.set(tenant, root);
        return {
          resolve: ({ isTreeDurable }) => (isTreeDurable ? root : contextId),
          payload: { tenant },
        };
      },
    });
    try {
      const { bus } = await bootApp({ providers: [Durable, Tenant] });
      const of = (tenant: string) => bus.execute(new Job(1), [new TenantStamp(tenant)]);

      expect(await of('a')).toBe('a 1');
      expect(await of('b')).toBe('b 1');
      expect(await of('a')).toBe('a 2');
    } finally {
      ContextIdFactory.apply(undefined as never);
    }
  });
});
