import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../../lib/transports/redis/redis.client.js';
import { loadRedisDriver } from '../../../lib/transports/redis/redis.driver.js';
import { rejectionOf } from '../../fixtures/core.js';
import { type App, startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { perFile } from './support/lifetime.js';
import { startRedisServer } from './support/redis-server.js';

/** Dispatches a job and has it handled by a worker that waited for it. */
async function works(app: App): Promise<void> {
  const worker = app.work();
  await app.dispatch('first');
  await app.handles('first');
  await app.dispatch('second');
  await app.handles('second');
  await worker.stop();
  expect(app.log('error')).toEqual([]);
}

async function refusal(dsn: string): Promise<string> {
  return (await rejectionOf(startApp({ dsn }).dispatch('refused'))).message;
}

describe('TLS', () => {
  const server = perFile((lifetime) => startRedisServer({ tls: true }, lifetime));
  const mutual = perFile((lifetime) => startRedisServer({ tls: 'mutual' }, lifetime));

  function dsnOf(
    { port }: { readonly port: number },
    settings: Readonly<Record<string, string | undefined>> = {},
  ) {
    const query = Object.entries(settings).map(
      ([name, value]) => `ssl[${name}]=${encodeURIComponent(value ?? '')}`,
    );
    return `rediss://127.0.0.1:${port}/jobs?${query.join('&')}`;
  }

  it('works with the certificate of the authority, or without any check, also after a restart', async () => {
    const own = await startRedisServer({ tls: true });
    await works(startApp({ dsn: dsnOf(own, { verify_peer: '0' }) }));
    const app = startApp({ dsn: dsnOf(own, { cafile: own.certificates?.caFile }) });
    app.work();
    await app.dispatch('first');
    await app.handles('first');
    await own.restart();
    await eventually('a dispatch was accepted', () => app.dispatch('second').then(() => true));
    await app.handles('second');
  });

  it('refuses a certificate that nobody vouches for, and says which option names the authority', async () => {
    expect(await refusal(dsnOf(server()))).toMatch(
      /^Transport "async": rediss:\/\/127\.0\.0\.1:\d+ does not answer \(.*certificate.*\)\. Its certificate is not trusted: name .* "ssl\[cafile\]"\./,
    );
  });

  it('refuses a certificate that is for another name, and says which option gives that name', async () => {
    const settings = { cafile: server().certificates?.caFile, peer_name: 'redis.example' };
    expect(await refusal(dsnOf(server(), settings))).toContain(
      'Its certificate is for another host: give that name as "ssl[peer_name]".',
    );
    await works(startApp({ dsn: dsnOf(server(), { ...settings, peer_name: 'localhost' }) }));
  });

  it('shows our certificate to a server that wants one', async () => {
    const { certificates } = mutual();
    const cafile = certificates?.caFile;
    expect(await refusal(dsnOf(mutual(), { cafile }))).toMatch(/does not answer/);
    const own = { local_cert: certificates?.client.certFile, local_pk: certificates?.client.keyFile };
    await works(startApp({ dsn: dsnOf(mutual(), { cafile, ...own }) }));
  });

  it('may report two errors of one connection, which do not end the process', async () => {
    const endpoint = {
      mode: 'single' as const,
      hosts: [{ host: '127.0.0.1', port: server().port }],
      database: 0,
      tls: { ca: server().certificates?.ca ?? '' },
      connectTimeout: 5000,
      commandTimeout: 5000,
      retryInterval: 20,
    };
    const driver = loadRedisDriver('async');
    const client = createClient(driver, endpoint, { name: 'errors', blocks: false });
    onTestFinished(() => client.disconnect());
    client.on('error', () => undefined);
    expect(await client.call('PING', [])).toBe('PONG');
    const socket = client.stream as Socket;
    // As Node.js does when TLS and then writing fail; without a listener, `emit` throws.
    socket.emit('error', new Error('the alert of the server'));
    socket.emit('error', new Error('the write after it'));
    expect(await client.call('PING', [])).toBe('PONG');
  });

  it('that only one side speaks is suspected', async () => {
    const plain = await startRedisServer();
    for (const dsn of [dsnOf(plain), `redis://127.0.0.1:${server().port}/jobs`]) {
      expect(await refusal(dsn)).toContain(
        'that the DSN begins with "rediss:" if it speaks TLS, and only then.',
      );
    }
  });
});

describe('a unix socket', () => {
  it('works, with a password and after a restart', async () => {
    const server = await startRedisServer({ unixSocket: true, requirepass: 'a/b@c' });
    const dsn = `redis://:${encodeURIComponent('a/b@c')}@${server.socketPath}?stream=jobs`;
    await works(startApp({ dsn }));
    const app = startApp({ dsn });
    app.work();
    await server.restart();
    await eventually('a dispatch was accepted', () => app.dispatch('after').then(() => true));
    await app.handles('after');
  });

  it('that is not there is named', async () => {
    const server = await startRedisServer();
    const path = join(server.folder, 'missing.sock');
    expect(existsSync(path)).toBe(false);
    expect(await refusal(`redis://${path}?stream=jobs`)).toContain(
      `redis://${path} does not answer (connect ENOENT ${path}). Check that it runs`,
    );
  });
});

describe('a database', () => {
  const server = perFile((lifetime) => startRedisServer({}, lifetime));

  it('is used for everything, and no other is', async () => {
    const dsn = `${server().url}/jobs?dbindex=3`;
    await works(startApp({ dsn }));
    const app = startApp({ dsn });
    await app.dispatch('kept');
    expect(await startApp({ dsn: `${server().url}/jobs` }).transport.get()).toEqual([]);
    expect(await server().client({ db: 3 }).xlen('jobs')).toBe(1);
  });

  it('is still used after connections were cut', async () => {
    const own = await startRedisServer();
    const app = startApp({ dsn: `${own.url}/jobs?dbindex=3` });
    app.work();
    await app.dispatch('first');
    await app.handles('first');
    await own.client().call('CLIENT', 'KILL', 'TYPE', 'NORMAL');
    await eventually('a dispatch was accepted', () => app.dispatch('second').then(() => true));
    await app.handles('second');
    expect(await own.client().keys('*')).toEqual([]);
  });

  it('that does not exist is an error; nothing goes to the first one', async () => {
    const dsn = `${server().url}/nowhere?dbindex=99`;
    expect(await refusal(dsn)).toMatch(
      /does not have this database \("databases" in its configuration\)\. Choose another "dbindex"/,
    );
    const app = startApp({ dsn });
    await expect(app.transport.get()).rejects.toThrow('DB index is out of range');
    await expect(app.dispatch('again')).rejects.toThrow('DB index is out of range');
    expect(await server().client().keys('*nowhere*')).toEqual([]);
  });
});

describe('a host name', () => {
  it('with several addresses, of which one answers, works; without any, it is an error', async () => {
    const server = await startRedisServer();
    await works(startApp({ dsn: `redis://localhost:${server.port}/jobs` }));
    expect(await refusal(`redis://localhost:${await freePort()}/jobs`)).toContain('ECONNREFUSED');
    expect(await refusal(`redis://no-such-host.invalid/jobs`)).toMatch(
      /does not answer \(getaddrinfo \w+ no-such-host/,
    );
  });
});
