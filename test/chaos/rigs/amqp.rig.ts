import { connect, type Channel } from 'amqplib';
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

/** What the transport makes beside an exchange and its queue. */
const COMPANIONS = ['redeliveries', 'workers'];

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
      const all = leavesDelayed ? await queueNames(direct) : [];
      const delayed = all.filter((name) => delaysFor(name, `${prefix}-`));
      await withChannel(direct, (channel) => remove(channel, [...used], delayed));
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

async function withChannel<T>(vhost: Vhost, use: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(vhost.url);
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    return await use(channel);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** What nobody takes: with the connection it is back in its queue. */
async function idsOf(vhost: Vhost, queue: string): Promise<readonly string[]> {
  const names = (await queueNames(vhost)).filter((name) => name === queue || delaysFor(name, `${queue}_`));
  return withChannel(vhost, async (channel) => {
    const ids: string[] = [];
    for (const name of names) {
      for (let got = await channel.get(name); got !== false; got = await channel.get(name)) {
        ids.push(...idsInText(got.content.toString()));
      }
    }
    return ids;
  });
}

async function queueNames(vhost: Vhost): Promise<readonly string[]> {
  return (await vhost.rabbitmqctl('list_queues', '--no-table-headers', 'name')).split('\n');
}

/** Whether messages wait there until they are due, for queues whose names begin so. */
function delaysFor(name: string, beginning: string): boolean {
  return name.startsWith(`delay_${beginning}`) || name.startsWith(`delay__${beginning}`);
}

async function remove(channel: Channel, names: readonly string[], delayed: readonly string[]): Promise<void> {
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
