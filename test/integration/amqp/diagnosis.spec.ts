import type { Channel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import { Note, serializerFor } from '../redis/setup.js';
import { rabbitmqctl } from './support/rabbitmqctl.js';
import { uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

vi.setConfig({ hookTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));
let channel: Channel;

beforeAll(async () => {
  channel = await (await vhost().connect(afterAll)).createChannel();
});

/** A transport whose exchange and only queue have a name of their own. */
function setup(options: Readonly<Record<string, unknown>> = {}, url = vhost().url) {
  const name = uniqueName();
  const transport = new AmqpTransportFactory().create(new Dsn(`${url}/${name}`, 'async'), options, {
    transportName: 'async',
    serializer: serializerFor(Note),
  });
  onTestFinished(() => transport.close());
  const codes = async (): Promise<readonly string[]> =>
    (await transport.diagnose()).map(({ level, code }) => `${level} ${code}`);
  return { name, transport, codes };
}

describe('the diagnosis of an AMQP transport', () => {
  it('finds nothing with what it has made itself', async () => {
    const { transport, codes } = setup({ delay: { exchangeName: uniqueName() } });
    await transport.setup();
    await transport.send([new Envelope(new Note('a'))]);

    expect(await codes()).toEqual([]);
    expect(await transport.messageCount()).toMatchObject({ ready: 1 });
  });

  it('makes nothing itself', async () => {
    const { codes } = setup();
    expect(await codes()).toEqual(['advice amqp.missing', 'advice amqp.missing']);
    expect(await codes()).toEqual(['advice amqp.missing', 'advice amqp.missing']);

    expect(await setup({ autoSetup: false }).codes()).toEqual(['loss amqp.missing', 'loss amqp.missing']);
  });

  it('finds that what is there does not last, whatever the options say', async () => {
    const { name, codes } = setup();
    await channel.assertExchange(name, 'fanout', { durable: false });
    await channel.assertQueue(name, { durable: false, autoDelete: true });

    expect(await codes()).toEqual([
      'loss amqp.exchange-durability',
      'loss amqp.queue-durability',
      'loss amqp.queue-auto-delete',
    ]);
  });

  it('tells the same once, if the options say so as well', async () => {
    const { transport, codes } = setup({ exchange: { durable: false } });
    await transport.setup();

    expect(await codes()).toEqual(['loss amqp.exchange-durability']);
  });

  it('goes by durability where something else differs', async () => {
    const passive = { passive: true };
    const options = (name: string) => ({ exchange: passive, queues: { [name]: passive } });
    const [durable, transient] = [uniqueName(), uniqueName()];
    await channel.assertQueue(durable, { arguments: { 'x-max-priority': 3 } });
    await channel.assertQueue(transient, { durable: false, arguments: { 'x-max-priority': 3 } });

    const found = await Promise.all([durable, transient].map((name) => setup(options(name)).codes()));
    expect(found[0]?.filter((code) => code.includes('queue'))).toEqual([]);
    expect(found[1]?.filter((code) => code.includes('queue'))).toEqual(['loss amqp.queue-durability']);
  });

  it('finds the exclusive queue of somebody else', async () => {
    const { name, codes } = setup();
    await channel.assertQueue(name, { exclusive: true });

    expect(await codes()).toContain('loss amqp.queue-exclusive');
  });

  it('says what a user may not look at', async () => {
    const user = uniqueName();
    await rabbitmqctl('add_user', user, 'secret');
    onTestFinished(async () => void (await rabbitmqctl('delete_user', user)));
    await rabbitmqctl('set_permissions', '-p', vhost().name, user, '^$', '.*', '.*');
    const { name, codes } = setup({}, vhost().url.replace('guest:guest@', `${user}:secret@`));
    await channel.assertExchange(name, 'fanout');
    await channel.assertQueue(name);

    expect(await codes()).toEqual(['unchecked amqp.permission', 'unchecked amqp.permission']);
  });

  it('fails if nobody answers', async () => {
    const { transport } = setup({}, 'amqp://guest:guest@127.0.0.1:1/%2f');

    await expect(transport.diagnose()).rejects.toThrow(/^Transport "async": .* cannot be reached/);
  });
});
