import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { OutboxStamp } from '../../../lib/stamp/outbox.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { RedisTransportFactory } from '../../../lib/transports/redis/redis.transport-factory.js';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { redisUrl, uniqueStream } from '../redis/support/shared-redis.js';
import { database, eventually, openStore, Paid, serializer, startApp, temporaryFile } from './support.js';
import { uniqueName } from '../postgres/support/shared-postgres.js';
import { kindsOfDatabase } from './places.js';

const LEASE = { redeliverTimeout: 2 };

function redisTransport(): RedisTransport {
  const context = { transportName: 'async', serializer: serializer() };
  const factory = new RedisTransportFactory();
  const transport = factory.create(new Dsn(redisUrl(`/${uniqueStream()}`), 'async'), {}, context);
  onTestFinished(() => transport.close());
  return transport;
}

const idsOf = (envelopes: readonly Envelope[]): readonly number[] =>
  envelopes.map(({ message }) => (message as Paid).id);

describe.each(kindsOfDatabase())('an outbox in $name', ({ open }) => {
  it('is forwarded to Redis in the order of the commits, and handled there', async () => {
    const place = open();
    const app = startApp(() => place.openStore(LEASE), redisTransport());
    app.startWorker('async');

    for (let id = 0; id < 60; id += 3) {
      const work = place.transaction((orders) =>
        app.messenger.inTransaction(orders, async () => {
          await app.bus.dispatchAll([new Paid(id), new Paid(id + 1)]);
          await app.bus.dispatch(new Paid(id + 2));
          if (id % 2 === 1) {
            throw new RangeError('rolled back');
          }
        }),
      );
      await work.catch(() => undefined);
    }
    const committed = Array.from({ length: 60 }, (_, id) => id).filter((id) => Math.floor(id / 3) % 2 === 0);

    await eventually(() => expect(app.handled).toHaveLength(committed.length));
    expect(app.handled.map(({ id }) => id)).toEqual(committed);
    await eventually(async () =>
      expect(await app.queue.messageCount()).toMatchObject({ ready: 0, inFlight: 0 }),
    );
  });

  it('sends what was dispatched: id, bytes, the rest of the delay, and nothing of its own', async () => {
    const async = new InMemoryTransport({ serializer: serializer() });
    const app = startApp(() => open().openStore(LEASE), async);
    const envelope = await app.bus.dispatch(new Paid(1), [new DelayStamp(60_000)]);
    await sleep(30);

    app.startWorker('db');
    await eventually(() => expect(async.sent).toHaveLength(1));

    const [sent] = async.sent;
    expect(sent?.last(MessageIdStamp)).toEqual(envelope.last(MessageIdStamp));
    expect(sent?.message).toEqual(new Paid(1));
    expect(sent?.has(OutboxStamp)).toBe(false);
    expect(sent?.last(DelayStamp)?.delay).toBeLessThanOrEqual(59_970);
    expect(sent?.last(DelayStamp)?.delay).toBeGreaterThan(30_000);
  });

  it('gives what the target refuses to the failure transport, in the same database', async () => {
    const place = open();
    const async = new InMemoryTransport({ clock: systemClock });
    const send = async.send.bind(async);
    async.send = (envelopes) =>
      idsOf(envelopes).includes(2)
        ? Promise.reject(new MessageEncodingFailedError('Paid', 'it is too large.'))
        : send(envelopes);
    const failed = place.openStore({ queueName: uniqueName('failed') });
    const app = startApp(() => place.openStore(LEASE), async, { failed });
    await app.bus.dispatchAll([1, 2, 3].map((id) => new Paid(id)));

    app.startWorker('db');
    await eventually(async () => expect((await failed.messageCount()).ready).toBe(1));
    await eventually(() => expect(idsOf(async.sent)).toEqual([1, 3]));

    await eventually(async () =>
      expect(await app.queue.messageCount()).toMatchObject({ ready: 0, inFlight: 0 }),
    );
    expect(app.logger.texts('error').join()).toContain(
      'Transport "async" will never take this message from its outbox: Message "Paid" cannot be encoded: it is too large. It is ' +
        'now in failure transport "failed".',
    );
  });

  it('does not leak the transaction in which a worker was started into its messages', async () => {
    const place = open();
    const app = startApp(() => place.openStore(LEASE), new InMemoryTransport());
    app.switchboard.handle = async ({ id }) => {
      if (id === 1) {
        await app.bus.dispatch(new Paid(2));
      }
    };
    await place.transaction((orders) => app.messenger.inTransaction(orders, () => app.startWorker('async')));

    await app.bus.dispatch(new Paid(1));

    await eventually(() => expect(app.handled.map(({ id }) => id)).toEqual([1, 2]));
  });
});

describe('an outbox in an SQLite file', () => {
  it('passes on a message whose class the relay does not know, byte for byte', async () => {
    const file = temporaryFile();
    const async = new InMemoryTransport({ serializer: serializer() });
    const app = startApp(() => openStore(file), async);
    await app.db.setup();
    database(file)
      .prepare(
        'INSERT INTO messenger_messages (queue_name, body, headers, created_at, available_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(
        'default.outbox.async',
        '{"text":"hi"}',
        JSON.stringify({ type: 'Unknown', 'X-Own': 'yes' }),
        1,
        0,
      );

    app.startWorker('db');
    await eventually(() => expect(async.sent).toHaveLength(1));

    expect(async.sent[0]?.message).toMatchObject({
      encoded: { body: '{"text":"hi"}', headers: { type: 'Unknown', 'X-Own': 'yes' } },
    });
  });
});
