import type { INestApplication } from '@nestjs/common';
import {
  AsMessage,
  Envelope,
  type EncodedEnvelope,
  getTransportToken,
  InvalidMessageSignatureError,
  MessageHandler,
  type MessengerOptions,
  OnMessengerEvent,
  type Serializer,
  UndecodableMessage,
  WorkerMessageFailedEvent,
} from 'nestjs-messenger';
import { FakeClock, InMemoryTransport, MESSENGER_CLOCK, processMessages } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { Outboxes } from '../../lib/transport/outboxes.js';
import { SECRET } from '../security/support/signed.js';
import { bootApp } from './support/application.js';

@AsMessage({ name: 'signing-test.paid' })
class Paid {
  constructor(readonly id: number) {}
}

class PaidTwice extends Paid {}

@MessageHandler(Paid, { sign: true })
class SignedHandler {
  readonly handled: number[] = [];

  handle({ id }: Paid): void {
    this.handled.push(id);
  }
}

@MessageHandler(Paid, { name: 'Plain' })
class PlainHandler {
  readonly handled: number[] = [];
  failures = 0;

  handle({ id }: Paid): void {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('Not now.');
    }
    this.handled.push(id);
  }
}

class Security {
  readonly refused: string[] = [];

  @OnMessengerEvent(WorkerMessageFailedEvent)
  onFailed({ error, transportName, willRetry }: WorkerMessageFailedEvent): void {
    if (error instanceof InvalidMessageSignatureError) {
      this.refused.push(`${transportName} ${error.problem} ${error.messageName} ${willRetry}`);
    }
  }
}

const BYTES = 'in-memory://?serialize=true';

const OPTIONS: MessengerOptions = {
  signing: { secret: SECRET, maxAge: 60_000, clockSkew: 0 },
  transports: { async: { dsn: BYTES, sign: true }, plain: BYTES, failed: BYTES },
  failureTransport: 'failed',
  routing: [[Paid, 'async']],
  messages: [PaidTwice],
};

async function boot(options: MessengerOptions, ...handlers: readonly (new () => object)[]) {
  const clock = new FakeClock();
  const booted = await bootApp({
    providers: [...handlers, Security],
    options,
    override: (builder) => builder.overrideProvider(MESSENGER_CLOCK).useValue(clock),
  });
  const transport = (name: string) => booted.app.get<InMemoryTransport>(getTransportToken(name));
  return { ...booted, clock, transport, security: booted.app.get(Security) };
}

/** Stores bytes as another program would. */
async function insert(transport: InMemoryTransport, encoded: EncodedEnvelope): Promise<void> {
  await transport.send([new Envelope<object>(new UndecodableMessage(encoded))]);
}

const forgery = (id: number, type = 'signing-test.paid'): EncodedEnvelope => ({
  body: JSON.stringify({ id }),
  headers: { type },
});

const typesIn = (transport: InMemoryTransport): readonly string[] =>
  transport.queue.map(({ message }) => message.constructor.name);

describe('an application whose transport signs', () => {
  it('handles what it has sent, retries included, however long they take', async () => {
    const { app, bus, transport } = await boot(
      {
        ...OPTIONS,
        transports: {
          ...OPTIONS.transports,
          async: { dsn: BYTES, sign: true, retry: { delay: 3_600_000, jitter: 0 } },
        },
      },
      PlainHandler,
    );
    app.get(PlainHandler).failures = 3;
    await bus.dispatch(new Paid(1));

    expect(await processMessages(app, 'async')).toEqual({ processed: 4, failed: 3 });

    expect(app.get(PlainHandler).handled).toEqual([1]);
    expect(transport('failed').queue).toEqual([]);
  });

  it('refuses what is forged at once, tells the listeners why, and keeps it', async () => {
    const { app, transport, security, logger } = await boot(OPTIONS, PlainHandler);
    await insert(transport('async'), forgery(666));

    expect(await processMessages(app, 'async')).toEqual({ processed: 1, failed: 1 });

    expect(app.get(PlainHandler).handled).toEqual([]);
    expect(security.refused).toEqual(['async missing signing-test.paid false']);
    expect(typesIn(transport('failed'))).toEqual(['UndecodableMessage']);
    expect(logger.texts('error')).toEqual([
      expect.stringMatching(
        /"signing-test.paid".+is refused: it is not signed.+ It is now in failure transport "failed"\.$/,
      ),
    ]);
  });

  it('has a signed failure transport, into which nobody can put a message for a retry', async () => {
    const { app, transport } = await boot(OPTIONS, PlainHandler);
    const stamps = { 'X-Stamp-SentToFailureTransportStamp': '[{"originalReceiverName":"async"}]' };
    await insert(transport('failed'), { ...forgery(666), headers: { ...forgery(1).headers, ...stamps } });

    await processMessages(app, 'failed', { until: 'idle' });

    expect(app.get(PlainHandler).handled).toEqual([]);
  });

  it('signs what waits in its outbox, and what that forwards', async () => {
    const { app, bus, transport, clock } = await boot(
      {
        ...OPTIONS,
        transports: { ...OPTIONS.transports, async: { dsn: BYTES, sign: true, outbox: 'plain' } },
      },
      PlainHandler,
    );
    await bus.dispatch(new Paid(1));
    await insert(app.get(Outboxes).of('async')?.queue as InMemoryTransport, forgery(666));
    // Nothing is too old in an outbox.
    await clock.advance(3_600_000);

    await processMessages(app, 'async');

    expect(app.get(PlainHandler).handled).toEqual([1]);
    expect(transport('failed').queue).toHaveLength(1);
  });

  it('signs whatever its serializer writes', async () => {
    class TextSerializer implements Serializer {
      encode({ message }: Envelope): EncodedEnvelope {
        return { body: String((message as Paid).id), headers: {} };
      }

      decode({ body }: EncodedEnvelope): Envelope {
        return new Envelope<object>(new Paid(Number(body)));
      }
    }
    const { app, bus, transport, security } = await boot(
      { ...OPTIONS, serializer: TextSerializer },
      PlainHandler,
    );
    await bus.dispatch(new Paid(1));
    await insert(transport('async'), { body: '666', headers: {} });

    await processMessages(app, 'async', { until: 'idle' });

    expect(app.get(PlainHandler).handled).toEqual([1]);
    expect(security.refused).toEqual(['async missing unknown false']);
  });

  it('signs nothing where no bytes are stored', async () => {
    const { app, bus, transport } = await boot(
      {
        ...OPTIONS,
        transports: { async: { dsn: 'in-memory://', sign: true }, sync: { dsn: 'sync://', sign: true } },
        failureTransport: 'async',
        routing: [[Paid, ['async', 'sync']]],
      },
      PlainHandler,
    );
    await bus.dispatch(new Paid(1));

    expect(app.get(PlainHandler).handled).toEqual([1]);
    await processMessages(app, 'async');
    expect(app.get(PlainHandler).handled).toEqual([1, 1]);
    expect(transport('async').queue).toEqual([]);
  });
});

describe('a handler that wants signed messages', () => {
  const options: MessengerOptions = { ...OPTIONS, routing: [[Paid, 'plain']] };

  async function run(app: INestApplication): Promise<void> {
    await processMessages(app, 'plain', { until: 'idle' });
  }

  it('gets them from a transport that signs nothing else, and no others', async () => {
    const { app, bus, transport, security } = await boot(options, SignedHandler, PlainHandler);
    await bus.dispatch(new Paid(1));
    await bus.dispatch(new PaidTwice(2));
    await insert(transport('plain'), forgery(666));
    await insert(transport('plain'), forgery(667, 'PaidTwice'));

    await run(app);

    expect(app.get(SignedHandler).handled).toEqual([1, 2]);
    expect(app.get(PlainHandler).handled).toEqual([1, 2]);
    expect(security.refused).toEqual([
      'plain missing signing-test.paid false',
      'plain missing PaidTwice false',
    ]);
  });

  it('is what makes the difference', async () => {
    const { app, transport } = await boot(options, PlainHandler);
    await insert(transport('plain'), forgery(666));

    await run(app);

    expect(app.get(PlainHandler).handled).toEqual([666]);
  });
});
