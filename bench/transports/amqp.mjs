import { randomUUID } from 'node:crypto';

const DEFAULT_URL = 'amqp://guest:guest@127.0.0.1:5672';
const DEFAULT_VHOST = '%2f';

/**
 * A name on a RabbitMQ server, and the queue and exchanges that have it. The address is the server's URL with the
 * virtual host and the name as its path, as in a DSN. What delays messages is left to its expiry.
 *
 * @type {import('../types.d.ts').Transport}
 */
export default {
  name: 'amqp',
  async open() {
    const url = serverUrl(process.env.BENCH_AMQP_URL ?? DEFAULT_URL);
    const connection = await connect(url);
    const name = `messenger-bench-${randomUUID()}`;
    const address = new URL(url.href);
    address.pathname = `${url.pathname}/${name}`;
    return {
      address: address.href,
      async close() {
        await removeAll(connection, name);
        await connection.close();
      },
    };
  },
};

function serverUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url !== undefined && ['amqp:', 'amqps:'].includes(url.protocol) && url.hostname !== '';
  const [, vhost = '', ...rest] = url?.pathname.split('/') ?? [];
  if (!isServer || rest.length > 0 || url.search !== '') {
    throw new Error(
      'BENCH_AMQP_URL must be like amqp://user:password@host:5672 or amqp://host/vhost, without a query.',
    );
  }
  url.pathname = vhost === '' ? DEFAULT_VHOST : vhost;
  return url;
}

/** Imported on use: the harness loads every transport, also before the drivers are installed. */
async function connect(url) {
  const amqplib = await import('amqplib');
  try {
    return await amqplib.connect(url.href);
  } catch (error) {
    throw new Error(
      `RabbitMQ at ${url.host}${url.pathname} opens no connection (${error.message || error.code}). ` +
        'Start it ("rabbitmq-server") or name another server, user or virtual host by BENCH_AMQP_URL.',
      { cause: error },
    );
  }
}

/** RabbitMQ does not mind when there is nothing to delete. */
async function removeAll(connection, name) {
  const channel = await connection.createChannel();
  for (const queue of [name, `${name}.signals.stop-workers`]) await channel.deleteQueue(queue);
  for (const exchange of [name, `${name}.delays`, `${name}.signals`]) await channel.deleteExchange(exchange);
  await channel.close();
}
