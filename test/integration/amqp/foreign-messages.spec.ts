import type { ConfirmChannel, GetMessage, Options } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { systemClock } from '../../../lib/envelope/clock.js';
import { sendableCopy } from '../../../lib/failure/sendable-copy.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import type { AmqpTransport } from '../../../lib/transports/amqp/amqp.transport.js';
import { createCore } from '../../fixtures/core.js';
import { serializerFor } from '../redis/setup.js';
import { uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

@AsMessage({ name: 'App\\Message\\OrderPlaced' })
class OrderPlaced {
  constructor(readonly orderId: number) {}
}

const TYPE = 'App\\Message\\OrderPlaced';

/** What RabbitMQ adds to a message that has expired in a queue and was passed on. */
const DEATH = {
  'x-death': [
    {
      count: 1,
      reason: 'expired',
      queue: 'delay_orders__1000_delay',
      exchange: 'delays',
      'routing-keys': ['k'],
    },
  ],
  'x-first-death-exchange': 'delays',
  'x-first-death-queue': 'delay_orders__1000_delay',
  'x-first-death-reason': 'expired',
};

// What an administrator does takes seconds on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));
let channel: ConfirmChannel;

beforeAll(async () => {
  channel = await (await vhost().connect(afterAll)).createConfirmChannel();
});

async function setup() {
  const name = uniqueName();
  const factory = new AmqpTransportFactory();
  const open = (queue: string, transportName: string): AmqpTransport => {
    const context = { transportName, serializer: serializerFor(OrderPlaced) };
    const transport = factory.create(new Dsn(`${vhost().url}/${queue}`, transportName), {}, context);
    onTestFinished(() => transport.close());
    return transport;
  };
  const transport = open(name, 'async');
  const failed = open(`${name}_failed`, 'failed');
  await Promise.all([transport.setup(), failed.setup()]);
  return {
    transport,
    failed,
    put: async (content: string | Buffer, properties: Options.Publish = {}): Promise<void> => {
      channel.sendToQueue(name, Buffer.from(content as string), properties);
      await channel.waitForConfirms();
    },
    next: async (): Promise<Envelope> => {
      const [envelope] = await transport.get({ wait: 5000 });
      expect(envelope).toBeDefined();
      return envelope as Envelope;
    },
    /** As it lies there. */
    raw: async (queue = name): Promise<GetMessage> =>
      (await channel.get(queue, { noAck: true })) as GetMessage,
    failedName: `${name}_failed`,
  };
}

describe('a message of Symfony Messenger', () => {
  it('is understood, with what PHP and the broker added', async () => {
    const { put, next, transport } = await setup();
    await put('{"orderId":7}', {
      contentType: 'application/json',
      deliveryMode: 2,
      timestamp: 1_795_359_180,
      priority: 0,
      headers: {
        type: TYPE,
        'X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\BusNameStamp':
          '[{"busName":"messenger.bus.default"}]',
        'X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\DelayStamp': '[{"delay":1000}]',
        ...DEATH,
      },
    });
    const received = await next();
    expect(received.message).toEqual(new OrderPlaced(7));
    expect(await transport.ack([received])).toEqual({ lost: [] });
  });

  it('needs no more than a type in the headers and a body', async () => {
    const { put, next } = await setup();
    await put('{"orderId":8}', { headers: { type: TYPE } });
    expect((await next()).message).toEqual(new OrderPlaced(8));
  });

  it('is retried without the account of its last delay, and with what others wrote', async () => {
    const { put, next, transport, raw } = await setup();
    await put('{"orderId":9}', {
      headers: { type: TYPE, 'x-request-id': 'r', attempt: 3, ...DEATH },
      correlationId: 'c',
    });
    const received = await next();
    const copy = sendableCopy(received, new Error('No.')).with(new RedeliveryStamp(1, new Date()));
    await transport.send([copy]);
    await transport.ack([received]);
    await transport.close();
    const { content, properties } = await raw();
    expect(content.toString()).toBe('{"orderId":9}');
    expect(properties).toMatchObject({ correlationId: 'c', headers: { 'x-request-id': 'r', attempt: 3 } });
    expect(Object.keys(properties.headers ?? {}).filter((header) => header.includes('death'))).toEqual([]);
  });
});

describe('a message that cannot be understood', () => {
  const BYTES = Buffer.from([0, 0xff, 0xfe, 0x80]);

  it.each<[string, string | Buffer, Options.Publish, RegExp]>([
    ['without headers and properties', '{"orderId":1}', {}, /has no header "type"/],
    ['whose type is in the property of that name', '{}', { type: TYPE }, /has no header "type"/],
    ['whose type is no text', '{}', { headers: { type: [TYPE] } }, /./],
    ['of a type that nobody knows', '{}', { headers: { type: 'Other' } }, /"Other"/],
    ['with bytes', BYTES, { headers: { type: TYPE }, contentType: 'application/octet-stream' }, /./],
    ['without a body', '', { headers: { type: TYPE } }, /./],
    ['with a list', '[1]', { headers: { type: TYPE } }, /must be a JSON object/],
    ['cut off', '{"orderId":', { headers: { type: TYPE, ...DEATH } }, /./],
    [
      'that PHP has serialized',
      'O:36:\\"Symfony\\\\Component\\\\Messenger\\\\Envelope\\":0:{}',
      { contentType: 'text/plain' },
      /./,
    ],
  ])(
    '%s goes to the failure transport as it came, and ends nothing',
    async (_, content, properties, reason) => {
      const { put, next, transport, failed, failedName, raw } = await setup();
      await put(content, properties);
      const received = await next();
      expect(received.message).toBeInstanceOf(UndecodableMessage);
      expect(received.last(MessageDecodingFailedStamp)?.error.message).toMatch(reason);
      await transport.release([received]);
      const core = createCore({
        transports: { async: transport, failed },
        policies: { async: { failureTransport: 'failed' } },
        clock: systemClock,
      });

      await core.workers.create(['async'], { stopWhenIdle: true }).run();

      expect(await transport.messageCount()).toMatchObject({ ready: 0 });
      const kept = await raw(failedName);
      expect(kept.content).toEqual(Buffer.from(content as string));
      expect(kept.properties.contentType).toBe(properties.contentType);
      const { 'X-Quarantine': quarantine, ...headers } = kept.properties.headers ?? {};
      const ofOthers = Object.entries(properties.headers ?? {}).filter(([name]) => !name.includes('death'));
      const expected = ofOthers.map(([name, value]) => [
        name,
        Array.isArray(value) ? JSON.stringify(value) : value,
      ]);
      expect(headers).toEqual(Object.fromEntries(expected));
      expect(quarantine).toContain('SentToFailureTransportStamp');
    },
  );
});
