import type { Channel, ConsumeMessage } from 'amqplib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { TransportFullError } from '../../../lib/errors/transport-full.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import type { AmqpConfirmChannel } from '../../../lib/transports/amqp/amqp.driver.js';
import { resolveAmqpOptions } from '../../../lib/transports/amqp/amqp.options.js';
import { AmqpPublisher, type AmqpPublication } from '../../../lib/transports/amqp/amqp.publisher.js';
import type { AmqpSession } from '../../../lib/transports/amqp/amqp.session.js';
import { rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { type FaultProxy, startFaultProxy } from '../redis/support/fault-proxy.js';
import { startConnection } from './support/connection.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));
const admin = perFile(async (lifetime) => (await vhost().connect(lifetime)).createChannel());

/** What of the driver's channel only tests look at. */
interface DriverChannel extends AmqpConfirmChannel {
  readonly unconfirmed: readonly unknown[];
  readonly connection: { emit(event: string, ...args: unknown[]): boolean };
}

let queues = 0;

/** A queue of this test, deleted with the virtual host. */
async function declareQueue(options: Parameters<Channel['assertQueue']>[1] = {}): Promise<string> {
  queues += 1;
  return (await admin().assertQueue(`queue-${queues}`, options)).queue;
}

/** What is in a queue, which is empty then. */
async function contentsOf(queue: string): Promise<readonly string[]> {
  const contents: string[] = [];
  const count = await countOf(queue);
  const listener = (message: ConsumeMessage | null): unknown => contents.push(String(message?.content));
  const { consumerTag } = await admin().consume(queue, listener, { noAck: true });
  await eventually('all were read', () => contents.length === count);
  await admin().cancel(consumerTag);
  return contents;
}

async function countOf(queue: string): Promise<number> {
  return (await admin().checkQueue(queue)).messageCount;
}

function toQueue(queue: string, text: string, more: Partial<AmqpPublication> = {}): AmqpPublication {
  const address = { exchange: '', routingKey: queue };
  return { address, body: Buffer.from(text), properties: { deliveryMode: 2 }, mandatory: true, ...more };
}

function toExchange(exchange: string, routingKey: string, messageId?: string): AmqpPublication {
  const properties = messageId === undefined ? {} : { messageId };
  return { address: { exchange, routingKey }, body: Buffer.from('x'), properties, mandatory: true };
}

function startPublisher(query: string = '', proxy?: FaultProxy) {
  const differences = proxy && { hosts: [{ host: proxy.host, port: proxy.port }] };
  const { connection, session } = startConnection(vhost(), differences);
  const channels: DriverChannel[] = [];
  const watched = {
    connection,
    transportName: session.transportName,
    errorOf: (error: unknown) => session.errorOf(error),
    confirmChannel: async () => {
      const channel = (await session.confirmChannel()) as DriverChannel;
      channels.push(channel);
      return channel;
    },
  } as unknown as AmqpSession;
  const forgotten: true[] = [];
  const options = resolveAmqpOptions('async', new Dsn(`${vhost().url}/orders${query}`, 'async'));
  const publisher = new AmqpPublisher(watched, options, { forget: () => forgotten.push(true) });
  onTestFinished(() => publisher.close());
  return { publisher, channels, forgotten, connection };
}

/** A publisher whose connection can be disturbed, after its first message. */
async function startProxiedPublisher(query: string = '') {
  const proxy = await startFaultProxy({ host: vhost().host, port: vhost().port });
  const queue = await declareQueue();
  const started = startPublisher(query, proxy);
  await started.publisher.publish([toQueue(queue, 'first')]);
  return { ...started, proxy, queue };
}

describe('publishing', () => {
  it('resolves when the message is in its queue, with its properties', async () => {
    const queue = await declareQueue();
    const { publisher } = startPublisher();
    const properties = { deliveryMode: 2, messageId: 'id', contentType: 'a/b', headers: { a: 1 } };
    await publisher.publish([toQueue(queue, 'text', { properties })]);
    const message = await admin().get(queue, { noAck: true });
    expect(message).toMatchObject({ content: Buffer.from('text'), properties });
    expect(message && message.properties.priority).toBeUndefined();
  });

  it('adds the headers of the address to those of the message', async () => {
    const queue = await declareQueue();
    const { publisher } = startPublisher();
    const address = { exchange: '', routingKey: queue, headers: { 'x-delay': 5 } };
    await publisher.publish([toQueue(queue, '', { address, properties: { headers: { a: 1 } } })]);
    const message = await admin().get(queue, { noAck: true });
    expect(message && message.properties.headers).toEqual({ a: 1, 'x-delay': 5 });
  });

  it('writes messages without waiting for those before, in their order, and opens one channel', async () => {
    const queue = await declareQueue();
    const { publisher, channels } = startPublisher();
    const first = publisher.publish([toQueue(queue, 'a'), toQueue(queue, 'b')]);
    await Promise.all([first, publisher.publish([toQueue(queue, 'c')])]);
    expect(channels).toHaveLength(1);

    const texts = Array.from({ length: 200 }, (_, index) => String(index));
    const rest = Promise.all(texts.map((text) => publisher.publish([toQueue(queue, text)])));
    await new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));
    expect(channels[0]?.unconfirmed).toHaveLength(200);
    await rest;
    expect(await contentsOf(queue)).toEqual(['a', 'b', 'c', ...texts]);
  });

  it('writes no more than the socket takes, and the rest as soon as it takes it', async () => {
    const { publisher, channels, proxy, queue } = await startProxiedPublisher();
    proxy.blackhole();
    const count = 6000;
    const body = 'x'.repeat(8000);
    const sent = Promise.all(
      Array.from({ length: count }, (_, index) => publisher.publish([toQueue(queue, `${index} ${body}`)])),
    );
    await eventually('it was full', () => (channels[0]?.unconfirmed.length ?? 0) > 500);
    expect(channels[0]?.unconfirmed.length).toBeLessThan(count / 2);
    await proxy.restore();
    await sent;
    expect(await countOf(queue)).toBe(count + 1);
    const numbers = (await contentsOf(queue)).slice(1).map((text) => Number(text.split(' ')[0]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('rejects when the broker refuses the message', async () => {
    const queue = await declareQueue({ arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    const { publisher } = startPublisher();
    await publisher.publish([toQueue(queue, 'a')]);
    const refused = toQueue(queue, 'b', { properties: { messageId: 'b' } });
    const error = await rejectionOf(publisher.publish([refused]));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).not.toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain(`refused message "b" for queue "${queue}" (basic.nack)`);
  });

  it('rejects when headers do not fit into a frame, and can be used on', async () => {
    const queue = await declareQueue();
    const { publisher, channels } = startPublisher();
    const headers = { large: 'x'.repeat(70_000) };
    const error = await rejectionOf(publisher.publish([toQueue(queue, 'a', { properties: { headers } })]));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toContain(`cannot write message for queue "${queue}": its headers are larger`);
    await publisher.publish([toQueue(queue, 'b')]);
    expect(await contentsOf(queue)).toEqual(['b']);
    expect(channels).toHaveLength(1);
  });
});

describe('a message that reaches no queue', () => {
  it('is rejected with the names of what it was published to, and with what to do', async () => {
    await admin().assertExchange('unbound', 'direct');
    const { publisher, forgotten } = startPublisher();
    const error = await rejectionOf(publisher.publish([toExchange('unbound', 'high', 'abc')]));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).not.toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain(
      'found no queue for message "abc" for exchange "unbound" with routing key "high" (312 NO_ROUTE). Nothing was stored.',
    );
    expect(error.message).toContain('"binding_keys"');
    expect(forgotten).toEqual([true]);
  });

  it('is stored nowhere without an error if it is not mandatory', async () => {
    await admin().assertExchange('unbound', 'direct');
    const { publisher } = startPublisher();
    await publisher.publish([{ ...toExchange('unbound', 'high'), mandatory: false }]);
  });

  it('is told from those that are on their way with it', async () => {
    const queue = await declareQueue();
    const { publisher } = startPublisher();
    const outcomes = await Promise.allSettled(
      [queue, 'gone', queue, 'gone', 'away'].map((each) =>
        publisher.publish([toQueue(each, each, { properties: { messageId: 'same' } })]),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(await countOf(queue)).toBe(2);
    expect(String((outcomes[4] as PromiseRejectedResult).reason)).toContain('queue "away"');
  });

  it('is told by its id from another one at the same address', async () => {
    const queue = await declareQueue();
    await admin().assertExchange('by headers', 'headers');
    await admin().bindQueue(queue, 'by headers', '', { wanted: 'yes' });
    const { publisher } = startPublisher();
    const outcomes = await Promise.allSettled(
      ['yes', 'no'].map((wanted) => {
        const properties = { messageId: wanted, headers: { wanted } };
        return publisher.publish([{ ...toExchange('by headers', ''), properties }]);
      }),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await countOf(queue)).toBe(1);
  });

  it('makes it uncertain what was stored of those that were sent together', async () => {
    const queue = await declareQueue();
    const { publisher } = startPublisher();
    const error = await rejectionOf(publisher.publish([toQueue(queue, 'a'), toQueue('gone', 'b')]));
    expect(error).toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain('1 of 2 messages that were sent together are stored');
    expect(String(error.cause)).toContain('queue "gone"');
    expect(
      await rejectionOf(publisher.publish([toQueue('gone', 'a'), toQueue('gone', 'b')])),
    ).not.toBeInstanceOf(MaybeSentError);
  });
});

describe('an exchange that does not exist', () => {
  it('rejects the message, is to be declared again, and costs a channel', async () => {
    const queue = await declareQueue();
    const { publisher, forgotten, channels } = startPublisher();
    const error = await rejectionOf(publisher.publish([toExchange('missing', 'k')]));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).not.toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain("no exchange 'missing'");
    expect(forgotten).toEqual([true]);
    await publisher.publish([toQueue(queue, 'a')]);
    expect(channels).toHaveLength(2);
  });

  it('makes it uncertain what became of the others on the channel', async () => {
    const { publisher } = startPublisher();
    const both = ['a', 'b'].map((key) => rejectionOf(publisher.publish([toExchange('missing', key)])));
    for (const error of await Promise.all(both)) {
      expect(error).toBeInstanceOf(MaybeSentError);
      expect(String(error.cause)).toContain("no exchange 'missing'");
    }
  });
});

describe('messages that were sent together', () => {
  it('are uncertain if one of them is, even if none is known to be stored', async () => {
    const { publisher } = startPublisher();
    const uncertain = ['a', 'b'].map((key) => toExchange('missing', key));
    const error = await rejectionOf(publisher.publish([toQueue('gone', 'a'), ...uncertain]));
    expect(error).toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain('exchange "missing"');
  });
});

describe('a connection that is lost', () => {
  it('leaves it uncertain whether an unconfirmed message was stored, and is replaced for the next', async () => {
    const { publisher, proxy, queue, channels } = await startProxiedPublisher();
    proxy.blackhole();
    const lost = rejectionOf(publisher.publish([toQueue(queue, 'a', { properties: { messageId: 'a' } })]));
    await eventually('it was written', () => channels[0]?.unconfirmed.length === 1);
    proxy.cut();
    const error = await lost;
    expect(error).toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain(`was lost before it confirmed message "a" for queue "${queue}"`);
    expect(String(error.cause)).toMatch(/ECONNRESET|Unexpected close/);
    await proxy.restore();
    await publisher.publish([toQueue(queue, 'b')]);
    expect(await contentsOf(queue)).toEqual(['first', 'b']);
  });

  it('costs no message that was not written yet', async () => {
    const { publisher, proxy, queue, channels } = await startProxiedPublisher();
    proxy.blackhole();
    const body = 'x'.repeat(8000);
    const count = 6000;
    const sent = Promise.allSettled(
      Array.from({ length: count }, () => publisher.publish([toQueue(queue, body)])),
    );
    await eventually('it was full', () => (channels[0]?.unconfirmed.length ?? 0) > 500);
    const written = channels[0]?.unconfirmed.length ?? 0;
    proxy.cut();
    await proxy.restore();
    const rejected = (await sent).filter(({ status }) => status === 'rejected');
    expect(rejected).toHaveLength(written);
    expect(await countOf(queue)).toBe(count - written + 1);
  });
});

describe('a broker that does not answer', () => {
  it('leaves it uncertain whether the message was stored, after "confirm_timeout"', async () => {
    const { publisher, proxy, queue, channels } = await startProxiedPublisher('?confirm_timeout=0.05');
    proxy.blackhole();
    const error = await rejectionOf(publisher.publish([toQueue(queue, 'a')]));
    expect(error).toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain(
      `did not confirm message for queue "${queue}" within 50 ms ("confirm_timeout").`,
    );
    await proxy.restore();
    await eventually('the late confirm was read', () => channels[0]?.unconfirmed.length === 0);
    expect(await contentsOf(queue)).toEqual(['first', 'a']);
  });
});

describe('a connection that the broker blocks', () => {
  it('makes messages wait until it is free', async () => {
    const queue = await declareQueue();
    const { publisher, channels, connection } = startPublisher();
    await publisher.publish([toQueue(queue, 'a')]);
    channels[0]?.connection.emit('blocked', 'low on memory');
    expect(connection.blockedReason).toBe('low on memory');
    const sent = publisher.publish([toQueue(queue, 'b')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(channels[0]?.unconfirmed).toHaveLength(0);
    channels[0]?.connection.emit('unblocked');
    await sent;
    expect(await contentsOf(queue)).toEqual(['a', 'b']);
  });

  it('rejects messages after "blocked_timeout", and has sent nothing', async () => {
    const queue = await declareQueue();
    const { publisher, channels } = startPublisher('?blocked_timeout=0.05');
    await publisher.publish([toQueue(queue, 'a')]);
    channels[0]?.connection.emit('blocked', 'low on memory');
    const error = await rejectionOf(publisher.publish([toQueue(queue, 'b')]));
    expect(error).toBeInstanceOf(TransportFullError);
    expect(error.message).toContain('it has taken no messages for 50 ms (low on memory)');
    expect(await contentsOf(queue)).toEqual(['a']);
  });
});

describe('an address that held for a time', () => {
  it('is asked for anew if the message could not be written in that time', async () => {
    const queue = await declareQueue();
    const { publisher } = startPublisher();
    const address = { exchange: '', routingKey: 'deleted meanwhile', until: performance.now() };
    const renewAddress = () => Promise.resolve({ exchange: '', routingKey: queue });
    await publisher.publish([toQueue('', 'a', { address, renewAddress })]);
    expect(await contentsOf(queue)).toEqual(['a']);
    const error = await rejectionOf(publisher.publish([toQueue('', 'b', { address })]));
    expect(error.message).toContain('for queue "deleted meanwhile" was not sent. Dispatch it again.');
  });
});

describe('closing', () => {
  it('waits for what is on its way, and takes nothing more', async () => {
    const queue = await declareQueue();
    const { publisher, channels } = startPublisher();
    await publisher.publish([toQueue(queue, 'a')]);
    const sent = publisher.publish([toQueue(queue, 'b')]);
    await Promise.resolve();
    await publisher.close();
    await sent;
    const error = await rejectionOf(publisher.publish([toQueue(queue, 'c')]));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toContain('it is closed');
    expect(await contentsOf(queue)).toEqual(['a', 'b']);
    expect(() => channels[0]?.publish('', queue, Buffer.from('d'))).toThrow();
  });

  it('does not wait for a channel that was never opened', async () => {
    const { publisher, channels } = startPublisher();
    await publisher.close();
    expect(channels).toEqual([]);
  });
});
