import type { Channel } from 'amqplib';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import type { ConformanceContext } from '../../../lib/testing/conformance/conformance-options.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import type { AmqpTransport } from '../../../lib/transports/amqp/amqp.transport.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

/**
 * What RabbitMQ cannot do: there are no leases, no locks, and no step that settles one message and stores another. Who looks at messages
 * takes them and gives them back, so they are marked, and sees only those that are ready.
 */
const FEATURES = {
  oldestAge: false,
  listingAll: false,
  listingUnmarked: false,
  redelivery: false,
  redeliveryCount: false,
  lostReport: false,
  keepalive: false,
  releaseUncounted: false,
  requeue: false,
  requeueElsewhere: false,
  deduplication: false,
} as const;

describe('RabbitMQ transport', () => {
  let channel: Channel;

  beforeAll(async () => {
    const model = await vhost().connect(afterAll);
    channel = await model.createChannel();
  });

  function create(context: ConformanceContext) {
    const { queueName, transportName } = context;
    const make = (factory: AmqpTransportFactory, name: string): AmqpTransport =>
      factory.create(new Dsn(`${vhost().url}/${name}`, transportName), {}, context);
    const factory = new AmqpTransportFactory();
    return {
      transport: make(factory, queueName),
      second: () => make(new AmqpTransportFactory(), queueName),
      other: () => make(factory, `${queueName}_failed`),
      async insertRaw({ body, headers }: EncodedEnvelope) {
        await channel.assertQueue(queueName, { durable: true });
        const { 'Content-Type': contentType, ...others } = headers;
        channel.sendToQueue(queueName, Buffer.from(body), {
          headers: others,
          ...(contentType && { contentType }),
        });
        // Answered after the message has been taken.
        await channel.checkQueue(queueName);
      },
    };
  }

  it.concurrent.each([...transportConformance({ name: 'it', create, features: FEATURES })])(
    '$name',
    ({ run }) => run(),
  );
});
