import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../lib/errors/transport.error.js';
import type { AmqpChannel } from '../../../lib/transports/amqp/amqp.driver.js';
import { rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { startFaultProxy } from '../redis/support/fault-proxy.js';
import { freePort } from '../redis/support/free-port.js';
import { startConnection } from './support/connection.js';
import { rabbitmqctl } from './support/rabbitmqctl.js';
import { perFile, startVhost, Vhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

async function millisecondsOf(action: Promise<unknown>): Promise<number> {
  const before = performance.now();
  await action;
  return performance.now() - before;
}

/** The names of the connections to the virtual host. */
async function connectionNames(): Promise<string[]> {
  const lines = await rabbitmqctl('list_connections', 'vhost', 'client_properties');
  return lines
    .split('\n')
    .filter((line) => line.includes(vhost().name))
    .map((line) => /"connection_name","([^"]*)"/.exec(line)?.[1] ?? '');
}

describe('a connection', () => {
  it('is opened when a channel is first asked for, and shared by all channels of its kind', async () => {
    const proxy = await startFaultProxy(vhost());
    const { connection } = startConnection(vhost(), { hosts: [proxy] });
    expect(connection.epoch).toBe(0);
    expect(proxy.accepted).toBe(0);
    const channels = await Promise.all([connection.channel(), connection.channel(), connection.channel()]);
    expect(new Set(channels).size).toBe(3);
    expect(connection.epoch).toBe(1);
    expect(proxy.accepted).toBe(1);
    await Promise.all([connection.confirmChannel(), connection.confirmChannel()]);
    expect(proxy.accepted).toBe(2);
    expect(connection.epoch).toBe(1);
  });

  it('has a name in the list of the broker', async () => {
    const { connection } = startConnection(vhost());
    await connection.channel();
    await connection.confirmChannel();
    expect((await connectionNames()).toSorted()).toEqual([
      `messenger test:${process.pid}`,
      `messenger test:${process.pid} publishing`,
    ]);
  });

  it('has the name that its endpoint gives it', () => {
    expect(startConnection(vhost(), { connectionName: 'shop' }).connection.name).toBe('shop');
  });

  it('tells where it goes, without secrets', () => {
    const { connection } = startConnection(vhost(), { password: 'geheim' });
    expect(connection.server).toBe(`amqp://127.0.0.1:5672/${vhost().name}`);
  });

  it('carries messages', async () => {
    const { connection } = startConnection(vhost());
    const channel = await connection.channel();
    const { queue } = await channel.assertQueue('carried', { durable: true });
    const confirming = await connection.confirmChannel();
    await new Promise<void>((resolve, reject) =>
      confirming.publish('', queue, Buffer.from('hello'), {}, (error) => (error ? reject(error) : resolve())),
    );
    expect(await channel.get(queue)).toMatchObject({ content: Buffer.from('hello') });
  });

  it('stays when the broker closes one of its channels', async () => {
    const { connection, state } = startConnection(vhost());
    const channel = await connection.channel();
    await expect(channel.checkQueue('missing')).rejects.toMatchObject({ code: 404 });
    await expect((await connection.channel()).checkQueue('missing')).rejects.toMatchObject({ code: 404 });
    expect(connection.epoch).toBe(1);
    expect(state.losses).toBe(0);
  });
});

describe('a member that leaves', () => {
  it('closes the connection if it was the last', async () => {
    const { connection, leave, state } = startConnection(vhost());
    const other = {};
    connection.join(other);
    const channel = await connection.channel();
    const isClosed = new Promise((resolve) => channel.on('close', () => resolve(true)));
    await leave();
    expect(state.closed).toBe(0);
    await connection.channel();
    await connection.leave(other);
    expect(state.closed).toBe(1);
    expect(await isClosed).toBe(true);
    await expect(connection.channel()).rejects.toThrow('the connection was closed');
    expect(state.losses).toBe(0);
  });

  it('ends a try to connect, and whoever waits for it', async () => {
    const proxy = await startFaultProxy(vhost());
    proxy.blackhole();
    const { connection, leave } = startConnection(vhost(), { hosts: [proxy] });
    const waiting = rejectionOf(connection.channel());
    await eventually('it connected', () => proxy.accepted > 0);
    expect(await millisecondsOf(leave())).toBeLessThan(500);
    expect((await waiting).message).toBe('the connection was closed');
  });

  it('is not kept by a broker that has fallen silent', async () => {
    const proxy = await startFaultProxy(vhost());
    const { connection, leave } = startConnection(vhost(), { hosts: [proxy] });
    await connection.channel();
    proxy.blackhole();
    expect(await millisecondsOf(leave())).toBeLessThan(3000);
  });
});

describe('a connection that cannot be made', () => {
  /** What whoever asks for a channel is told, and after how many milliseconds. */
  async function failureOf(session: { channel(): Promise<AmqpChannel> }) {
    const before = performance.now();
    const error = await rejectionOf(session.channel());
    expect(error).toBeInstanceOf(TransportError);
    return { text: error.message, milliseconds: performance.now() - before };
  }

  it('is waited for as long as "connect_timeout" says, and then the reason is told', async () => {
    const port = await freePort();
    const hosts = [{ host: '127.0.0.1', port }];
    const { session } = startConnection(vhost(), { hosts, connectTimeout: 300 });
    const { text, milliseconds } = await failureOf(session);
    expect(text).toBe(
      `Transport "async": amqp://127.0.0.1:${port}/${vhost().name} cannot be reached (connect ECONNREFUSED 127.0.0.1:${port}). ` +
        'Check that it runs, that the DSN names it, and that the DSN begins with "amqps:" if it speaks TLS, and only then.',
    );
    expect(milliseconds).toBeGreaterThan(290);
  });

  it('is waited for no longer than that if nothing answers at all', async () => {
    const proxy = await startFaultProxy(vhost());
    proxy.blackhole();
    const { session } = startConnection(vhost(), { hosts: [proxy], connectTimeout: 300 });
    const { text, milliseconds } = await failureOf(session);
    expect(text).toContain('no answer within 300 ms');
    expect(milliseconds).toBeLessThan(2000);
  });

  it('because of a wrong password is told at once, without the password', async () => {
    const { session } = startConnection(vhost(), { password: 'geheim' });
    const { text, milliseconds } = await failureOf(session);
    expect(text).toContain('refuses the connection (Login was refused');
    expect(text).toContain('rabbitmqctl add_user');
    expect(text).not.toContain('geheim');
    expect(milliseconds).toBeLessThan(4000);
  });

  it('because there is no such virtual host is told at once, and works when there is one', async () => {
    const later = new Vhost(`${vhost().name}-later`);
    const { session } = startConnection(later);
    const { text, milliseconds } = await failureOf(session);
    expect(text).toContain('rabbitmqctl add_vhost');
    expect(milliseconds).toBeLessThan(4000);
    await later.create();
    expect(await (await session.channel()).assertQueue('a')).toMatchObject({ queue: 'a' });
  });

  it('because the broker speaks no TLS is told at once', async () => {
    const { session } = startConnection(vhost(), { tls: {} });
    const { text } = await failureOf(session);
    expect(text).toContain('write the DSN with "amqp:"');
  });

  it('to one host is made to another, and goes on there', async () => {
    const [dead, proxy] = [await freePort(), await startFaultProxy(vhost())];
    const hosts = [{ host: '127.0.0.1', port: dead }, proxy];
    const { connection } = startConnection(vhost(), { hosts });
    expect(await millisecondsOf(connection.channel())).toBeLessThan(2000);
    expect(proxy.accepted).toBe(1);
  });

  it('to a host that falls silent leaves time for another', async () => {
    const [silent, proxy] = [await startFaultProxy(vhost()), await startFaultProxy(vhost())];
    silent.blackhole();
    const { connection } = startConnection(vhost(), { hosts: [silent, proxy], connectTimeout: 1000 });
    await connection.channel();
    expect(proxy.accepted).toBe(1);
  });
});
