import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ConfirmChannel } from 'amqplib';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { NotConsumableError } from '../../../lib/errors/not-consumable.error.js';
import { sendableCopy } from '../../../lib/failure/sendable-copy.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpPriorityStamp, AmqpReceivedStamp, AmqpStamp } from '../../../lib/transports/amqp/amqp.stamps.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import type { AmqpTransport } from '../../../lib/transports/amqp/amqp.transport.js';
import { createCore, rejectionOf } from '../../fixtures/core.js';
import { Note, serializerFor } from '../redis/setup.js';
import { uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

// What an administrator does takes seconds on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));
let channel: ConfirmChannel;

beforeAll(async () => {
  channel = await (await vhost().connect(afterAll)).createConfirmChannel();
});

/** Transports on one queue, each as in a process of its own. */
function setup(
  args: Readonly<Record<string, unknown>> = {},
  options: Readonly<Record<string, unknown>> = {},
) {
  const name = uniqueName();
  const open = (): AmqpTransport => {
    const transport = new AmqpTransportFactory().create(
      new Dsn(`${vhost().url}/${name}`, 'async'),
      { queues: { [name]: { arguments: args } }, ...options },
      { transportName: 'async', serializer: serializerFor(Note) },
    );
    onTestFinished(() => transport.close());
    return transport;
  };
  return { name, open };
}

const note = (text: string, ...stamps: readonly Stamp[]): Envelope => new Envelope(new Note(text), stamps);
const textOf = (envelope: Envelope | undefined): string | undefined =>
  (envelope?.message as Note | undefined)?.text;

async function receive(transport: AmqpTransport, wait = 5000): Promise<Envelope | undefined> {
  return (await transport.get({ wait }))[0];
}

async function receiveTexts(transport: AmqpTransport, count: number): Promise<readonly unknown[]> {
  const texts: unknown[] = [];
  while (texts.length < count) {
    const received = await transport.get({ wait: 5000 });
    texts.push(...received.map(textOf));
    await transport.ack(received);
  }
  return texts;
}

describe('a message with an AmqpStamp', () => {
  it('lies in its queue with the routing key and the properties of the stamp', async () => {
    const { name, open } = setup();
    const attributes = {
      headers: { tenant: 'a', attempt: 3 },
      appId: 'shop',
      correlationId: 'c',
      replyTo: 'answers',
      contentEncoding: 'identity',
      type: 'order',
      userId: 'guest',
      timestamp: 5,
      deliveryMode: 1,
      expiration: 60_000,
      priority: 4,
    } as const;
    await open().send([note('a', new AmqpStamp('key', {}, attributes))]);
    const message = await channel.get(name, { noAck: true });
    expect(message).toMatchObject({
      fields: { exchange: name, routingKey: 'key' },
      properties: { ...attributes, expiration: '60000', headers: { tenant: 'a', attempt: 3 } },
    });
  });

  it('keeps its headers apart from those of the messages that are sent with it', async () => {
    const { name, open } = setup();
    const tenants = ['a', 'b', 'c'];
    await open().send(
      tenants.map((tenant) => note(tenant, new AmqpStamp(undefined, {}, { headers: { tenant } }))),
    );
    for (const tenant of tenants) {
      const message = await channel.get(name, { noAck: true });
      expect(message).toMatchObject({ properties: { headers: { tenant } } });
    }
  });

  it('tells who receives it how it came', async () => {
    const { name, open } = setup();
    const transport = open();
    await transport.send([note('a', new AmqpStamp('key', {}, { correlationId: 'c' }))]);
    const stamp = (await receive(transport))?.last(AmqpReceivedStamp);
    expect(stamp).toMatchObject({ queueName: name, exchange: name, routingKey: 'key', redelivered: false });
    expect(stamp?.properties.correlationId).toBe('c');
  });

  it('may be lost without an error if the stamp says that it need not be routed', async () => {
    const { open } = setup({}, { exchange: { type: 'direct' } });
    const transport = open();
    const error = await rejectionOf(transport.send([note('a', new AmqpStamp('nowhere'))]));
    expect(error.message).toContain('found no queue for');
    await transport.send([note('a', new AmqpStamp('nowhere', { mandatory: false }))]);
  });
});

describe('a queue with priorities', () => {
  it('gives the messages that are more urgent first, and a retry keeps its priority', async () => {
    const { open } = setup({ 'x-max-priority': 10 });
    const transport = open();
    await transport.send([note('retried', new AmqpPriorityStamp(8))]);
    const failed = await receive(transport);
    await transport.send([
      note('usual'),
      note('low', new AmqpPriorityStamp(1)),
      note('high', new AmqpPriorityStamp(9)),
      note('middle', new AmqpStamp(undefined, {}, { priority: 5 })),
      sendableCopy(failed!, new Error('No.')).with(new RedeliveryStamp(1, new Date())),
    ]);
    await transport.ack([failed!]);
    // What was pushed while the others were sent is not sorted any more.
    await transport.close();
    expect(await receiveTexts(open(), 5)).toEqual(['high', 'retried', 'middle', 'low', 'usual']);
  });
});

describe('a queue with a single active consumer', () => {
  it('gives everything to one, until that one is gone', async () => {
    const { name, open } = setup({ 'x-single-active-consumer': true });
    const [active, standby] = [open(), open()];
    await active.send([note('a'), note('b'), note('c')]);
    expect(textOf(await receive(active))).toBe('a');
    expect(await receive(standby, 0)).toBeUndefined();
    expect((await channel.checkQueue(name)).consumerCount).toBe(2);
    const waiting = receive(standby, 60_000);
    await active.close();
    // What it held comes first.
    expect(textOf(await waiting)).toBe('a');
    expect([textOf(await receive(standby)), textOf(await receive(standby))]).toEqual(['b', 'c']);
  });
});

describe('a worker that is to consume queues by name', () => {
  it('is refused one that its transport does not have, and does not try again', async () => {
    const { name, open } = setup();
    const core = createCore({ transports: { async: open() } });
    const error = await rejectionOf(core.workers.create(['async'], { queues: ['nowhere'] }).run());
    expect(error).toBeInstanceOf(NotConsumableError);
    expect(error.message).toBe(`Transport "async" has no queue "nowhere"; it has "${name}".`);
  });

  it('is refused a transport that only sends', async () => {
    const { open } = setup({}, { queues: false });
    const core = createCore({ transports: { async: open() } });
    const error = await rejectionOf(core.workers.create(['async']).run());
    expect(error.message).toBe(
      'Transport "async" has no queues: messages are only sent to it. Name some in "queues".',
    );
  });
});
