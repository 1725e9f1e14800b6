import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { ErrorDetailsStamp } from '../../../lib/stamp/error-details.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import type { AmqpTransport } from '../../../lib/transports/amqp/amqp.transport.js';
import { createCore, handler, RecordingLogger } from '../../fixtures/core.js';
import { Note, serializerFor } from '../redis/setup.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

/** @param args of the queue. */
function setup(args: Readonly<Record<string, unknown>> = {}) {
  const name = `notes_${randomBytes(4).toString('hex')}`;
  const options = { queues: { [name]: { arguments: args } } };
  const logger = new RecordingLogger();
  /** Another process. */
  const open = (): AmqpTransport => {
    const context = { transportName: 'async', serializer: serializerFor(Note), logger };
    const transport = new AmqpTransportFactory().create(
      new Dsn(`${vhost().url}/${name}`, 'async'),
      options,
      context,
    );
    onTestFinished(() => transport.close());
    return transport;
  };
  return { name, logger, open };
}

function notes(count: number): readonly Envelope[] {
  return Array.from({ length: count }, (_, index) =>
    new Envelope(new Note(`note ${index}`)).with(new MessageIdStamp(`id-${randomBytes(4).toString('hex')}`)),
  );
}

async function received(transport: AmqpTransport, count: number): Promise<readonly Envelope[]> {
  const envelopes: Envelope[] = [];
  while (envelopes.length < count) {
    envelopes.push(...(await transport.get({ max: count - envelopes.length, wait: 5000 })));
  }
  return envelopes;
}

const countsOf = (envelopes: readonly Envelope[]): readonly number[] =>
  envelopes.map((envelope) => envelope.last(RedeliveredStamp)?.deliveryCount ?? 1);

describe.each([
  ['a classic queue', {}],
  ['a quorum queue', { 'x-queue-type': 'quorum' }],
])('a message in %s whose worker dies again and again', (_, args) => {
  it('tells how often it was delivered', async () => {
    const { open } = setup(args);
    await open().send(notes(1));
    const counts: number[] = [];
    for (let life = 1; life <= 4; life++) {
      const worker = open();
      counts.push(...countsOf(await received(worker, 1)));
      // What was not settled goes back with the connection.
      await worker.close();
    }
    expect(counts).toEqual([1, 2, 3, 4]);
  });
});

describe('messages in a classic queue', () => {
  it('are counted apart, also by two workers at the same time', async () => {
    const { open } = setup();
    const victim = open();
    await victim.send(notes(40));
    await received(victim, 40);
    await victim.close();
    const [one, other] = [open(), open()];
    const halves = await Promise.all([received(one, 10), received(other, 10)]);
    expect(countsOf(halves.flat())).toEqual(Array.from({ length: 20 }, () => 2));
    await Promise.all([one.close(), other.close()]);
    const counts = countsOf(await received(open(), 40));
    expect(counts.filter((count) => count === 3).length).toBeGreaterThanOrEqual(20);
  });

  it('that come for the first time cost nothing', async () => {
    const { name, open, logger } = setup();
    const worker = open();
    await worker.send(notes(5));
    expect(countsOf(await received(worker, 5))).toEqual([1, 1, 1, 1, 1]);
    const queues = await vhost().rabbitmqctl('list_queues', 'name');
    expect(queues).not.toContain(`${name}.redeliveries`);
    expect(logger.texts('warn')).toEqual([]);
  });
});

describe.each([
  ['a classic queue', {}],
  ['a quorum queue', { 'x-queue-type': 'quorum' }],
])('a message in %s that kills its workers', (_, args) => {
  it('goes to the failure transport after so many deliveries, and is not handled again', async () => {
    const { name, open } = setup(args);
    const failed = new AmqpTransportFactory().create(
      new Dsn(`${vhost().url}/${name}_failed`, 'failed'),
      {},
      { transportName: 'failed', serializer: serializerFor(Note) },
    );
    onTestFinished(() => failed.close());
    await open().send(notes(1));
    for (let death = 1; death <= 3; death++) {
      const victim = open();
      await received(victim, 1);
      await victim.close();
    }
    const handled: object[] = [];
    const core = createCore({
      transports: { async: open(), failed },
      policies: { async: { failureTransport: 'failed' } },
      handlers: [handler('note', Note, (message) => handled.push(message))],
      clock: systemClock,
      maxDeliveries: 3,
    });

    await core.workers.create(['async'], { stopWhenIdle: true }).run();

    expect(handled).toEqual([]);
    const [kept] = await received(failed, 1);
    expect(kept?.message).toEqual(new Note('note 0'));
    expect(kept?.last(ErrorDetailsStamp)?.errorClass).toBe('DeliveryLimitError');
  });
});
