import { type ChannelModel, connect } from 'amqplib';
import { BROKER_START_MS, type Broker, startBroker } from '../../integration/amqp/support/broker.js';
import { Vhost } from '../../integration/amqp/support/vhost.js';
import { FaultProxy } from '../../integration/redis/support/fault-proxy.js';
import { idsInText } from '../app/messages.js';
import { writeCertificate } from './certificate.js';
import type { ChaosRig, OwnBroker, RigKind, RigOptions } from './chaos-rig.js';
import { Disposal, queryString, uniqueName } from './naming.js';

/** In which the broker finds out that a process was stopped, in seconds: after two to three of them. */
const HEARTBEAT_S = 1;

/** RabbitMQ does not answer acknowledgements: what was told it this long before a kill or an outage may not have reached it. */
const SETTLING_MS = 250;

/** How long an {@link OwnBroker} may take to start. */
export const AMQP_START_MS = BROKER_START_MS;

/** The code with which the broker says that there is no such queue. */
const NOT_FOUND = 404;

/** What the transport makes beside an exchange and its queue. */
const COMPANIONS = ['redeliveries', 'workers', 'signals.stop-workers'];

/** Queues of a name of their own in the default virtual host of the shared broker, or on a broker of their own. */
export const amqpRig: RigKind = { transport: 'amqp', open };

async function open(options: RigOptions): Promise<ChaosRig> {
  const { ownBroker = false, proxied = false, tls = false, leavesDelayed = false, query: ofRig } = options;
  const disposal = new Disposal();
  const prefix = uniqueName();
  const own = ownBroker ? await startBroker(disposal.add) : undefined;
  const direct: Vhost = own ?? new Vhost('/');
  const port = tls && own !== undefined ? own.tlsPort : direct.port;
  const proxy = proxied ? await FaultProxy.start({ host: direct.host, port }) : undefined;
  if (proxy !== undefined) {
    disposal.add(() => proxy.close());
  }
  const used = new Set<string>();
  if (own === undefined) {
    disposal.add(async () => {
      const all = leavesDelayed ? await depths(direct, ...used) : [];
      const delayed = all.map(({ name }) => name).filter((name) => !used.has(name));
      await withConnection(direct, (connection) => remove(connection, [...used], delayed));
    });
  }
  return {
    transport: 'amqp',
    redeliveryMs: 3 * HEARTBEAT_S * 1000,
    settlingMs: SETTLING_MS,
    answersSettlements: false,
    requeuesAtomically: false,
    proxy,
    broker: own && brokerOf(own),
    dsn(queue, query) {
      const name = `${prefix}-${queue}`;
      used.add(name);
      const url = direct.urlAt(proxy?.port ?? port).replace(/^amqp/, tls ? 'amqps' : 'amqp');
      const common = { heartbeat: HEARTBEAT_S, ...(tls && own !== undefined && tlsQuery(own)) };
      return `${url}/${name}?${queryString(common, ofRig, query)}`;
    },
    idsIn: (queue) => idsOf(direct, `${prefix}-${queue}`),
    isEmpty: (queues) =>
      areEmpty(
        direct,
        queues.map((queue) => `${prefix}-${queue}`),
      ),
    dispose: () => disposal.run(),
  };
}

/** It asks for a certificate of its clients. */
function tlsQuery({ certificates: { caFile, client } }: Broker) {
  return { cacert: caFile, cert: client.certFile, key: client.keyFile };
}

function brokerOf(broker: Broker): OwnBroker {
  let hasCrashed = false;
  return {
    async stop(how) {
      hasCrashed = how === 'crash';
      await (hasCrashed ? broker.crash() : broker.control('stop_app'));
    },
    async start() {
      await (hasCrashed ? broker.launch() : broker.control('start_app'));
    },
    pause: () => broker.signal('SIGSTOP'),
    resume: () => broker.signal('SIGCONT'),
    // One command: each starts a virtual machine.
    async admit(user, password) {
      const [name, secret, by] = [user, password, 'chaos'].map((text) => `<<"${text}">>`);
      const all = '<<".*">>';
      await broker.control(
        'eval',
        `catch rabbit_auth_backend_internal:add_user(${name}, ${secret}, ${by}), ` +
          `rabbit_auth_backend_internal:change_password(${name}, ${secret}, ${by}), ` +
          `rabbit_auth_backend_internal:set_permissions(${name}, <<"/">>, ${all}, ${all}, ${all}, ${by}).`,
      );
    },
    async setFull(isFull) {
      await broker.control('set_disk_free_limit', isFull ? '1000000000000000' : '50MB');
    },
    async certify(by) {
      await writeCertificate(broker.certificates, by);
      await broker.control('eval', 'ssl:clear_pem_cache().');
    },
  };
}

async function withConnection<T>(vhost: Vhost, use: (connection: ChannelModel) => Promise<T>): Promise<T> {
  const connection = await connect(vhost.url);
  connection.on('error', () => undefined);
  try {
    return await use(connection);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/**
 * What nobody takes: with the connection it is back in its queue. What is in the hands of a worker is not seen, nor is what moves
 * on by a delay queue that is declared meanwhile.
 */
async function idsOf(vhost: Vhost, queue: string): Promise<readonly string[]> {
  const names = (await depths(vhost, queue)).map(({ name }) => name);
  return withConnection(vhost, async (connection) => {
    const ids: string[] = [];
    // The queue itself is last: what is due meanwhile goes there.
    for (const name of [...names.filter((each) => each !== queue), queue]) {
      ids.push(...(await bodiesIn(connection, name)).flatMap(idsInText));
    }
    return ids;
  });
}

/** The messages of one queue, held until the connection is closed. None if it has expired, as delay queues do. */
async function bodiesIn(connection: ChannelModel, queue: string): Promise<readonly string[]> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const bodies: string[] = [];
  try {
    for (let got = await channel.get(queue); got !== false; got = await channel.get(queue)) {
      bodies.push(got.content.toString());
    }
  } catch (error) {
    if ((error as { readonly code?: number }).code !== NOT_FOUND) {
      throw error;
    }
  }
  return bodies;
}

/** Also of what is in hand. Looks twice: a message may go from a queue that was not looked at yet into one that was. */
async function areEmpty(vhost: Vhost, queues: readonly string[]): Promise<boolean> {
  const looksEmpty = async (): Promise<boolean> =>
    (await depths(vhost, ...queues)).every(({ messages }) => messages === 0);
  return (await looksEmpty()) && looksEmpty();
}

/** How many messages there are in these queues and their delay queues, in hand or not. */
async function depths(
  vhost: Vhost,
  ...queues: readonly string[]
): Promise<ReadonlyArray<{ readonly name: string; readonly messages: number }>> {
  const lines = await vhost.rabbitmqctl('list_queues', '--no-table-headers', 'name', 'messages');
  return lines
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([name = '', messages]) => ({ name, messages: Number(messages) }))
    .filter(({ name }) => queues.some((queue) => name === queue || delaysFor(name, `${queue}_`)));
}

/** Whether messages wait there until they are due, for queues whose names begin so. */
function delaysFor(name: string, beginning: string): boolean {
  return name.startsWith(`delay_${beginning}`) || name.startsWith(`delay__${beginning}`);
}

async function remove(
  connection: ChannelModel,
  names: readonly string[],
  delayed: readonly string[],
): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  for (const queue of delayed) {
    await channel.deleteQueue(queue);
  }
  for (const name of names) {
    for (const queue of [name, ...COMPANIONS.map((companion) => `${name}.${companion}`)]) {
      await channel.deleteQueue(queue);
    }
    await channel.deleteExchange(name);
    await channel.deleteExchange(`${name}.signals`);
  }
}
