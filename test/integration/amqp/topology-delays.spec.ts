import { describe, expect, it } from 'vitest';
import type { AmqpTopologyTime } from '../../../lib/transports/amqp/amqp.topology.js';
import { rejectionOf } from '../../fixtures/core.js';
import { arrivalsIn, publishTo, startTopology, type TopologySetup, uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

const DAY_MS = 24 * 3600 * 1000;

/** A topology, and a channel of somebody else. */
async function setup(of: TopologySetup = {}) {
  const started = startTopology(vhost(), of);
  const channel = await (await vhost().connect()).createConfirmChannel();
  // Many messages are published at once, each with a listener.
  channel.setMaxListeners(0);
  return { ...started, channel };
}

/** Times that a test sets. */
function startTime(): AmqpTopologyTime & { date: number; past: number } {
  const time = { date: Date.UTC(2026, 10, 22, 12), past: 0, now: () => time.date, elapsed: () => time.past };
  return time;
}

const toExchange = { kind: 'exchange', routingKey: '' } as const;

describe('A delayed message', () => {
  it('waits where Symfony lets it wait: names, arguments and bindings', async () => {
    const { name, topology, channel } = await setup();

    const delayed = await topology.delayed(toExchange, 2000);
    const retried = await topology.delayed({ kind: 'queue', queue: name }, 1000);

    expect(delayed).toMatchObject({ exchange: 'delays', routingKey: `delay_${name}__2000_delay` });
    expect(retried).toMatchObject({ exchange: 'delays', routingKey: `delay_${name}_${name}_1000_retry` });
    // What Symfony declares: the broker refuses whatever differs.
    await channel.assertExchange('delays', 'direct', { durable: true });
    await channel.assertQueue(delayed.routingKey, {
      durable: true,
      messageTtl: 2000,
      expires: 12_000,
      deadLetterExchange: name,
      deadLetterRoutingKey: '',
    });
    await channel.assertQueue(retried.routingKey, {
      durable: true,
      messageTtl: 1000,
      expires: 11_000,
      deadLetterExchange: '',
      deadLetterRoutingKey: name,
    });
    const bindings = await vhost().rabbitmqctl(
      'list_bindings',
      'source_name',
      'destination_name',
      'routing_key',
    );
    expect(bindings).toContain(`delays\t${delayed.routingKey}\t${delayed.routingKey}`);
    expect(bindings).toContain(`delays\t${retried.routingKey}\t${retried.routingKey}`);
  });

  it('may wait where Symfony has declared it', async () => {
    const { name, topology, channel } = await setup();
    await channel.assertQueue(`delay_${name}__50_delay`, {
      durable: true,
      messageTtl: 50,
      expires: 10_050,
      deadLetterExchange: name,
      deadLetterRoutingKey: '',
    });

    const address = await topology.delayed(toExchange, 50);

    const arrived = await arrivalsIn(channel, name);
    await publishTo(channel, address, 'shared');
    await arrived.until(1);
  });

  it('never comes early, nor more than its bucket late', async () => {
    const { name, topology, channel } = await setup();
    const delays = [15, 101, 234, 399];
    await topology.ensure();
    const arrived = await arrivalsIn(channel, name);
    const began = new Map<string, number>();

    for (const delay of delays) {
      const address = await topology.delayed(toExchange, delay);
      began.set(String(delay), performance.now());
      await publishTo(channel, address, String(delay));
    }
    await arrived.until(delays.length);

    const waited = arrived.arrivals.map(
      ({ text, at }) => [Number(text), at - (began.get(text) ?? 0)] as const,
    );
    expect(waited.filter(([delay, time]) => time < delay)).toEqual([]);
    // A busy machine is late by itself; a wrong bucket would be later.
    expect(waited.filter(([delay, time]) => time > delay * 1.1 + 10 + 300)).toEqual([]);
  });

  it('comes in the order of those with the same delay', async () => {
    const { name, topology, channel } = await setup();
    await topology.ensure();
    const arrived = await arrivalsIn(channel, name);
    const texts = Array.from({ length: 100 }, (_, index) => String(index));

    await Promise.all(
      texts.map(async (text) => publishTo(channel, await topology.delayed(toExchange, 100), text)),
    );
    await arrived.until(texts.length);

    expect(arrived.texts()).toEqual(texts);
  });

  it('keeps its routing key', async () => {
    const name = uniqueName();
    const { topology, channel } = await setup({
      options: {
        exchange: { name, type: 'direct' },
        queues: { [`${name}.a`]: { bindingKeys: ['a'] }, [`${name}.b`]: { bindingKeys: ['b'] } },
      },
    });
    await topology.ensure();
    const [a, b] = [await arrivalsIn(channel, `${name}.a`), await arrivalsIn(channel, `${name}.b`)];

    for (const routingKey of ['a', 'b']) {
      await publishTo(channel, await topology.delayed({ kind: 'exchange', routingKey }, 20), routingKey);
    }

    await a.until(1);
    await b.until(1);
    expect([a.texts(), b.texts()]).toEqual([['a'], ['b']]);
  });

  it('goes to all queues of a fanout, but a retry only to the queue it came from', async () => {
    const name = uniqueName();
    const queues = [`${name}.a`, `${name}.b`] as const;
    const { topology, channel } = await setup({ options: { exchange: { name }, queues: [...queues] } });
    await topology.ensure();
    const [a, b] = [await arrivalsIn(channel, queues[0]), await arrivalsIn(channel, queues[1])];

    await publishTo(channel, await topology.delayed({ kind: 'queue', queue: queues[0] }, 20), 'retry');
    await a.until(1);
    // Sent later and to both: had the retry gone to both, it would be there before this.
    await publishTo(channel, await topology.delayed(toExchange, 20), 'delayed');
    await a.until(2);
    await b.until(1);

    expect(a.texts()).toEqual(['retry', 'delayed']);
    expect(b.texts()).toEqual(['delayed']);
  });

  it('goes to a queue by the default exchange, if that is the one of the transport', async () => {
    const name = uniqueName();
    const { topology, channel } = await setup({ options: { exchange: { name: '' }, queues: [name] } });
    await topology.ensure();
    const arrived = await arrivalsIn(channel, name);

    await publishTo(channel, await topology.delayed({ kind: 'exchange', routingKey: name }, 20), 'direct');

    await arrived.until(1);
  });

  it('may wait in a quorum queue, of which there is one a day', async () => {
    const time = startTime();
    const { name, topology, channel } = await setup({
      options: { delay: { arguments: { 'x-queue-type': 'quorum' } } },
      time,
    });
    const today = await topology.delayed(toExchange, 30);
    const arrived = await arrivalsIn(channel, name);

    await publishTo(channel, today, 'quorum');
    await arrived.until(1);
    time.date += DAY_MS;
    const tomorrow = await topology.delayed(toExchange, 30);

    expect(today.routingKey).toBe(`delay_${name}__30_delay_2026-11-22`);
    expect(tomorrow.routingKey).toBe(`delay_${name}__30_delay_2026-11-23`);
    expect(await vhost().rabbitmqctl('list_queues', 'name', 'type')).toContain(`${today.routingKey}\tquorum`);
  });

  it('is not delayed at all by a delay of 0', async () => {
    const { name, topology } = await setup();

    expect(await topology.delayed({ kind: 'exchange', routingKey: 'k' }, 0)).toEqual({
      exchange: name,
      routingKey: 'k',
    });
    expect(await topology.delayed({ kind: 'queue', queue: 'q' }, 0)).toEqual({
      exchange: '',
      routingKey: 'q',
    });
  });
});

describe('A delay queue', () => {
  it('does not expire with messages in it, however long it is in use', async () => {
    // All is ten times faster: the broker deletes the queue after 1.2 s, and the clock of the transport knows.
    await vhost().rabbitmqctl(
      'set_policy',
      'fast',
      '^delay_.*_200_delay$',
      '{"expires":1200}',
      '--apply-to',
      'queues',
    );
    const time = { now: () => Date.now(), elapsed: () => performance.now() * 10 };
    const { name, topology, channel } = await setup({ time });
    await topology.ensure();
    const arrived = await arrivalsIn(channel, name);
    const began = performance.now();

    for (let sent = 1; performance.now() - began < 3500; sent += 1) {
      await publishTo(channel, await topology.delayed(toExchange, 200), String(sent));
      await arrived.until(sent);
    }

    expect(arrived.texts().length).toBeGreaterThan(10);
  });

  it('is declared again when half of its time has gone, and not before', async () => {
    const time = startTime();
    const { topology, channel } = await setup({ time });
    const address = await topology.delayed(toExchange, 1000);
    await channel.deleteQueue(address.routingKey);

    time.past = 4999;
    await topology.delayed(toExchange, 1000);
    expect(String(await rejectionOf(publishTo(channel, address, 'too early')))).toContain('reached no queue');

    time.past = 5000;
    await topology.delayed(toExchange, 1000);
    await publishTo(channel, address, 'declared again');
  });

  it('is declared again after something was found to be gone', async () => {
    const { topology, channel } = await setup();
    const address = await topology.delayed(toExchange, 1000);
    await channel.deleteQueue(address.routingKey);

    topology.forget();

    await publishTo(channel, await topology.delayed(toExchange, 1000), 'found again');
  });

  it('comes with the time until which messages may be published to it', async () => {
    const time = startTime();
    const { topology } = await setup({ time });
    time.past = 100;

    expect((await topology.delayed(toExchange, 1000)).until).toBe(5100);
    time.past = 3000;
    expect((await topology.delayed(toExchange, 1000)).until).toBe(5100);
  });

  it('is declared for many delays at once without using up the channels', async () => {
    const { topology, connection } = await setup({ endpoint: { channelMax: 24 } });
    const delays = Array.from({ length: 90 }, (_, index) => 1000 + index * 100);

    const addresses = await Promise.all(delays.map((delay) => topology.delayed(toExchange, delay)));

    expect(new Set(addresses.map(({ routingKey }) => routingKey)).size).toBe(90);
    expect(connection.epoch).toBe(1);
  });
});

describe('What cannot be delayed', () => {
  it('is a message for a queue that does not exist', async () => {
    const { topology } = await setup();

    expect(String(await rejectionOf(topology.delayed({ kind: 'queue', queue: 'gone' }, 100)))).toContain(
      `the queue "gone" does not exist on amqp://127.0.0.1:5672/${vhost().name}. The message was not sent: it would be lost when its ` +
        'delay is over.',
    );
  });

  it('is not a message whose queue was deleted meanwhile, because that is declared again', async () => {
    const { name, topology, channel } = await setup();
    await topology.ensure();
    await channel.deleteQueue(name);

    const address = await topology.delayed({ kind: 'queue', queue: name }, 20);

    const arrived = await arrivalsIn(channel, name);
    await publishTo(channel, address, 'back');
    await arrived.until(1);
  });

  it('is anything before "setup-transports", if "auto_setup" is off', async () => {
    const { name, topology, channel } = await setup({
      options: { autoSetup: false, delay: { exchangeName: uniqueName() } },
    });
    const before = String(await rejectionOf(topology.delayed(toExchange, 20)));
    await channel.assertExchange(name, 'fanout');
    const between = String(await rejectionOf(topology.delayed(toExchange, 20)));

    await topology.setup();
    const address = await topology.delayed(toExchange, 20);

    expect(before).toContain(`the exchange "${name}" does not exist`);
    expect(before).toContain('Run the command "setup-transports"');
    expect(between).toContain(`the exchange "${address.exchange}" does not exist`);
    expect(between).toContain('Run the command "setup-transports"');
  });

  it('is what would wait in the queue of another routing key', async () => {
    const { topology } = await setup({ options: { delay: { queueNamePattern: `${uniqueName()}_%delay%` } } });
    await topology.delayed({ kind: 'exchange', routingKey: 'a' }, 1000);

    const text = String(await rejectionOf(topology.delayed({ kind: 'exchange', routingKey: 'b' }, 1000)));

    expect(text).toContain('with another "x-dead-letter-routing-key": it has a, and b is asked for.');
    expect(text).toContain('"delay[queue_name_pattern]"');
  });

  it('is what RabbitMQ cannot hold for so long', async () => {
    const { topology } = await setup();

    expect(String(await rejectionOf(topology.delayed(toExchange, 11 * 365 * DAY_MS)))).toContain(
      'RabbitMQ holds a message back for 315359990000 ms at the most, and this one is delayed by 346896000000 ms.',
    );
    await topology.delayed(toExchange, 315_359_990_000);
  });

  it('is anything by a plugin that the broker does not have, and it is not asked each time', async () => {
    const { topology, connection } = await setup({ options: { delay: { strategy: 'plugin' } } });

    const text = String(await rejectionOf(topology.delayed(toExchange, 100)));
    await connection.channel();
    const again = String(await rejectionOf(topology.delayed(toExchange, 100)));
    await connection.channel();

    expect(text).toContain('rabbitmq-plugins enable rabbitmq_delayed_message_exchange');
    expect(again).toBe(text);
    expect(connection.epoch).toBe(2);
  });
});
