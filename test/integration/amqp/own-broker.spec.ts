import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { TransportFullError } from '../../../lib/errors/transport-full.error.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { JsonSerializer } from '../../../lib/serializer/json.serializer.js';
import { StampRegistry } from '../../../lib/serializer/stamp-registry.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import type { AmqpConfirmChannel } from '../../../lib/transports/amqp/amqp.driver.js';
import type { AmqpEndpoint } from '../../../lib/transports/amqp/amqp.endpoint.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import { healthOf } from '../../../lib/worker/worker-health.js';
import { createCore, rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { BROKER_START_MS, startBroker } from './support/broker.js';
import { startConnection } from './support/connection.js';
import { perFile } from './support/vhost.js';

// Of its own: what happens to it here concerns everybody who uses it.
vi.setConfig({ hookTimeout: BROKER_START_MS, testTimeout: 60_000 });
const broker = perFile((lifetime) => startBroker(lifetime));

/** RabbitMQ's default: the part of the machine's memory that it may use. */
const USUAL_WATERMARK = '0.4';

function publish(channel: AmqpConfirmChannel, queue: string, text: string): Promise<void> {
  return new Promise((resolve, reject) =>
    channel.publish('', queue, Buffer.from(text), {}, (error) => (error ? reject(error) : resolve())),
  );
}

describe('a broker that is low on memory', () => {
  it('blocks what publishes until it has room, and lets workers acknowledge meanwhile', async () => {
    const { connection, session } = startConnection(broker());
    const channel = await connection.channel();
    const { queue } = await channel.assertQueue('', { exclusive: false });
    const publishing = await connection.confirmChannel();
    await publish(publishing, queue, 'before');
    expect(connection.blockedReason).toBeUndefined();
    await connection.unblocked(0);

    let sent: Promise<void> | undefined;
    let waiting: Promise<void> | undefined;
    try {
      await broker().control('set_vm_memory_high_watermark', '0');
      sent = publish(publishing, queue, 'meanwhile');
      await eventually('the broker said so', () => connection.blockedReason !== undefined);
      expect(connection.blockedReason).toContain('low on memory');
      const error = session.errorOf(await rejectionOf(connection.unblocked(50)));
      expect(error).toBeInstanceOf(TransportFullError);
      expect(error.message).toContain('it has taken no messages for 50 ms (low on memory)');
      const message = await channel.get(queue);
      expect(message).toMatchObject({ content: Buffer.from('before') });
      channel.ack(message as Exclude<typeof message, false>);
      expect(await channel.checkQueue(queue)).toMatchObject({ messageCount: 0 });
      // The command that makes room takes seconds on a busy machine.
      waiting = connection.unblocked(50_000);
      waiting.catch(() => undefined);
    } finally {
      await broker().control('set_vm_memory_high_watermark', USUAL_WATERMARK);
    }
    await Promise.all([waiting, sent]);
    expect(connection.blockedReason).toBeUndefined();
    expect(await channel.get(queue)).toMatchObject({ content: Buffer.from('meanwhile') });
  });
});

describe('the health of a worker', () => {
  /** A worker and its transport, as one process has them. */
  function startWorker() {
    const serializer = new JsonSerializer({ registry: new MessageRegistry(), stamps: new StampRegistry() });
    const context = { transportName: 'async', serializer };
    const dsn = new Dsn(`${broker().url}/health`, 'async');
    const transport = new AmqpTransportFactory().create(dsn, {}, context);
    const core = createCore({ transports: { async: transport }, clock: systemClock });
    const worker = core.workers.create(['async']);
    const result = worker.run();
    onTestFinished(async () => {
      worker.stop('the test is over');
      await result;
      await transport.close();
    });
    return { transport, health: () => healthOf(worker.state) };
  }

  it('is bad while its broker is low on memory, although that answers', async () => {
    let started: ReturnType<typeof startWorker>;
    try {
      await broker().control('set_vm_memory_high_watermark', '0');
      started = startWorker();
      const { health, transport } = started;
      await eventually('the broker said so', () => transport.blockedReason !== undefined);
      await eventually('it was consumed', () => health().transports[0]?.status === 'blocked');
      expect(health()).toMatchObject({
        isReady: false,
        reasons: [expect.stringMatching(/^Transport "async" takes no messages: .*low on memory/)],
      });
      await transport.ping();
      await expect(transport.roll.enter('host:1:a', 'x', 1000)).rejects.toThrow(TransportFullError);
    } finally {
      await broker().control('set_vm_memory_high_watermark', USUAL_WATERMARK);
    }
    await eventually('it was ready', () => started.health().isReady);
    // What it had said meanwhile arrives.
    await eventually('it was listed', async () => (await started.transport.roll.entries()).length === 1);
  });
});

describe('a broker whose application is stopped and started', () => {
  it('is connected to again, and has kept what is durable', async () => {
    const { connection, session, state } = startConnection(broker());
    const channel = await connection.channel();
    await channel.assertQueue('durable', { durable: true });
    const publishing = await connection.confirmChannel();
    await new Promise((resolve) =>
      publishing.publish('', 'durable', Buffer.from('kept'), { persistent: true }, resolve),
    );
    await broker().control('stop_app');
    await eventually('it was lost', () => state.losses === 1);
    expect(session.errorOf(new Error('channel closed')).message).toMatch(
      /has closed the connection \(broker forced connection closure|cannot be reached/,
    );
    await broker().control('start_app');
    const next = await connection.channel();
    expect(connection.epoch).toBe(2);
    expect(await next.get('durable')).toMatchObject({ content: Buffer.from('kept') });
    await connection.confirmChannel();
  });
});

describe('a broker that speaks TLS', () => {
  function start(tls: AmqpEndpoint['tls'], host = '127.0.0.1') {
    return startConnection(broker(), { hosts: [{ host, port: broker().tlsPort }], tls: tls ?? {} });
  }

  it('is connected to by those who trust its authority and show their certificate', async () => {
    const { ca, client } = broker().certificates;
    const { connection } = start({ ca, cert: client.cert, key: client.key });
    await (await connection.channel()).assertQueue('secret');
    expect(connection.server).toContain('amqps://');
    const named = start({ ca, cert: client.cert, key: client.key }, 'localhost');
    await named.connection.channel();
  });

  it('is not connected to by those who do not trust its authority, who are told how to', async () => {
    const { session } = start({});
    const { message } = await rejectionOf(session.channel());
    expect(message).toContain('refuses the connection (');
    expect(message).toContain('as "cacert"');
  });

  it('tells those without a certificate that it wants one', async () => {
    const { session } = start({ ca: broker().certificates.ca });
    expect((await rejectionOf(session.channel())).message).toContain('name its file as "cert"');
  });

  it('is told apart from one that does not', async () => {
    const hosts = [{ host: '127.0.0.1', port: broker().tlsPort }];
    const { session } = startConnection(broker(), { hosts, connectTimeout: 1000 });
    // Whether the broker's answer arrives before its reset of the connection is up to the kernel; both texts say what to do.
    expect((await rejectionOf(session.channel())).message).toMatch(
      /write the DSN with "amqps:"|that the DSN begins with "amqps:" if it speaks TLS/,
    );
  });
});
