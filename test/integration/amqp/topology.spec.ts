import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../fixtures/core.js';
import { arrivalsIn, publishTo, startTopology, uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

/** A topology, and a channel of somebody else. */
async function setup(...[of]: Parameters<typeof startTopology> extends [unknown, ...infer R] ? R : never) {
  const started = startTopology(vhost(), of);
  const model = await vhost().connect();
  const exists = async (queue: string): Promise<boolean> => {
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    return channel.checkQueue(queue).then(
      () => true,
      () => false,
    );
  };
  return { ...started, channel: await model.createConfirmChannel(), exists };
}

async function listed(
  name: string,
  command: string,
  ...columns: readonly string[]
): Promise<readonly string[]> {
  const lines = (await vhost().rabbitmqctl(command, ...columns)).trim().split('\n');
  return lines.filter((line) => line.includes(name)).toSorted();
}

describe('What a transport needs', () => {
  it('is what Symfony declares: a durable fanout exchange, and a durable queue of that name bound with an empty key', async () => {
    const { name, topology } = await setup();

    await topology.ensure();

    const [exchanges, queues, bindings] = await Promise.all([
      listed(name, 'list_exchanges', 'name', 'type', 'durable', 'auto_delete', 'internal', 'arguments'),
      listed(name, 'list_queues', 'name', 'type', 'durable', 'auto_delete', 'exclusive', 'arguments'),
      listed(name, 'list_bindings', 'source_name', 'destination_name', 'routing_key', 'arguments'),
    ]);
    expect(exchanges).toEqual([`${name}\tfanout\ttrue\tfalse\tfalse\t[]`]);
    expect(queues).toEqual([`${name}\tclassic\ttrue\tfalse\tfalse\t[]`]);
    // The first is that of the default exchange, which has no name.
    expect(bindings).toEqual([`\t${name}\t${name}\t[]`, `${name}\t${name}\t\t[]`]);
  });

  it('gets the types, flags, arguments and keys of the options', async () => {
    const name = uniqueName();
    const { topology, channel } = await setup({
      options: {
        exchange: {
          name,
          type: 'topic',
          durable: false,
          autoDelete: true,
          arguments: { 'alternate-exchange': 'x' },
        },
        queues: { [name]: { bindingKeys: ['a.*', 'b'], durable: false, arguments: { 'x-max-priority': 5 } } },
      },
    });

    await topology.ensure();

    const arrived = await arrivalsIn(channel, name);
    for (const routingKey of ['a.1', 'b', 'a.2']) {
      await publishTo(channel, { exchange: name, routingKey }, routingKey);
    }
    await arrived.until(3);
    expect(await rejectionOf(publishTo(channel, { exchange: name, routingKey: 'c' }, 'c'))).toBeInstanceOf(
      Error,
    );
    expect(
      await listed(name, 'list_exchanges', 'name', 'type', 'durable', 'auto_delete', 'arguments'),
    ).toEqual([`${name}\ttopic\tfalse\ttrue\t[{"alternate-exchange","x"}]`]);
    expect(await listed(name, 'list_queues', 'name', 'durable', 'arguments')).toEqual([
      `${name}\tfalse\t[{"x-max-priority",5}]`,
    ]);
  });

  it('is without bindings on the default exchange, which is not declared', async () => {
    const name = uniqueName();
    const { topology, channel } = await setup({ options: { exchange: { name: '' }, queues: [name] } });

    await topology.ensure();

    const arrived = await arrivalsIn(channel, name);
    await publishTo(channel, { exchange: '', routingKey: name }, 'direct');
    await arrived.until(1);
  });

  it('includes bindings to other exchanges, whose messages arrive then', async () => {
    const source = uniqueName();
    const { name, topology, channel } = await setup({
      options: { exchange: { bindings: { [source]: { bindingKeys: ['order.#'] } } } },
    });
    await channel.assertExchange(source, 'topic');

    await topology.ensure();

    const arrived = await arrivalsIn(channel, name);
    await publishTo(channel, { exchange: source, routingKey: 'order.placed' }, 'placed');
    await arrived.until(1);
  });
});

describe('Declaring', () => {
  it('is done once for a connection', async () => {
    const { name, topology, channel, exists } = await setup();
    await topology.ensure();
    await channel.deleteQueue(name);

    await topology.ensure();

    expect(await exists(name)).toBe(false);
  });

  it('is done again after something was found to be gone', async () => {
    const { name, topology, channel, exists } = await setup();
    await topology.ensure();
    await channel.deleteQueue(name);

    topology.forget();
    await topology.ensure();

    expect(await exists(name)).toBe(true);
  });

  it('is done again on a new connection', async () => {
    const { name, topology, connection, channel } = await setup();
    await topology.ensure();
    await channel.deleteQueue(name);
    await vhost().closeAllConnections();
    await connection.channel();

    await topology.ensure();

    expect(connection.epoch).toBe(2);
    await expect((await connection.channel()).checkQueue(name)).resolves.toMatchObject({ queue: name });
  });

  it('is done together by all who want it at the same time', async () => {
    const { session, topology } = await setup();

    await Promise.all(Array.from({ length: 20 }, () => topology.ensure()));

    expect(session.opened).toBe(1);
  });

  it('is tried again after it failed', async () => {
    const { name, topology, channel, exists } = await setup({
      options: { queues: { q: { passive: true } } },
    });
    expect(String(await rejectionOf(topology.ensure()))).toContain('the queue "q" does not exist');

    await channel.assertQueue('q');
    await topology.ensure();

    await publishTo(channel, { exchange: name, routingKey: '' }, 'found');
    expect(await exists('q')).toBe(true);
  });

  it('leaves no channel open, whether it succeeds or not', async () => {
    const name = uniqueName();
    const { topology, channel } = await setup({ options: { queues: [name] }, endpoint: { channelMax: 3 } });
    await channel.assertQueue(name, { maxPriority: 3 });
    for (let round = 0; round < 5; round += 1) {
      expect(String(await rejectionOf(topology.ensure()))).toContain('x-max-priority');
    }
    await channel.deleteQueue(name);
    for (let round = 0; round < 5; round += 1) {
      topology.forget();
      await topology.ensure();
    }
  });

  it('is left to "setup-transports" if "auto_setup" is off', async () => {
    const { name, topology, exists, channel } = await setup({ options: { autoSetup: false } });

    await topology.ensure();
    expect(await exists(name)).toBe(false);

    await topology.setup();
    expect(await exists(name)).toBe(true);
    await channel.checkExchange('delays');
  });
});

describe('What exists with other arguments', () => {
  it('is named with what differs and how to migrate, and nothing is deleted', async () => {
    const { name, connection, topology, channel, exists } = await setup({
      options: { queues: { orders: { arguments: { 'x-max-priority': 10 } } } },
    });
    await channel.assertQueue('orders', { arguments: { 'x-max-priority': 5 } });

    const text = String(await rejectionOf(topology.ensure()));

    expect(text).toContain(
      `Transport "async": the queue "orders" exists on amqp://127.0.0.1:5672/${vhost().name} with another "x-max-priority": it has 5, and ` +
        '10 is asked for.',
    );
    expect(text).toContain(`rabbitmqctl delete_queue -p ${vhost().name} orders`);
    expect(await exists('orders')).toBe(true);
    expect(connection.epoch).toBe(1);
    await channel.checkExchange(name);
  });

  it('is named for an exchange too', async () => {
    const { name, topology, channel } = await setup({ options: { exchange: { type: 'direct' } } });
    await channel.assertExchange(name, 'fanout');

    expect(String(await rejectionOf(topology.ensure()))).toContain(
      'with another "type": it has fanout, and direct is asked for.',
    );
  });
});

describe('What is missing', () => {
  it('is named for a passive exchange', async () => {
    const { name, topology } = await setup({ options: { exchange: { passive: true } } });

    expect(String(await rejectionOf(topology.ensure()))).toContain(
      `the exchange "${name}" does not exist on amqp://127.0.0.1:5672/${vhost().name}. It is passive`,
    );
  });

  it('is named for an exchange to be bound', async () => {
    const { topology } = await setup({ options: { exchange: { bindings: { nowhere: {} } } } });

    expect(String(await rejectionOf(topology.ensure()))).toContain(
      `the exchange "nowhere" does not exist on amqp://127.0.0.1:5672/${vhost().name}. The option "exchange[bindings]" names it.`,
    );
  });

  it('is named for a type of exchange, and the broker, which ends the connection for it, is not asked each time', async () => {
    const { topology, connection } = await setup({ options: { exchange: { type: 'carousel' } } });

    expect(String(await rejectionOf(topology.ensure()))).toContain('no exchanges of type "carousel"');

    await connection.channel();
    expect(String(await rejectionOf(topology.ensure()))).toContain('no exchanges of type "carousel"');
    await connection.channel();
    expect(connection.epoch).toBe(2);
  });
});
