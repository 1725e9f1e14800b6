import { describe, expect, it } from 'vitest';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { perFile } from '../redis/support/lifetime.js';
import { applicationOn, note, receive, textsOf } from './setup.js';
import { MariaDbInstance } from './support/mariadb-instance.js';
import { uniqueName } from './support/shared-mysql.js';

const server = perFile((lifetime) =>
  MariaDbInstance.start(
    {
      tls: true,
      settings: {
        'max-allowed-packet': 1024 * 1024,
        'sql-mode': 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES',
        'character-set-server': 'latin1',
        'init-connect': 'SET autocommit=0',
      },
    },
    lifetime,
  ),
);

const dsn = (query: Readonly<Record<string, string>> = {}, host?: string): string =>
  server().dsn({ table_name: uniqueName('t'), ...query }, host);

describe('a MySQL server of any settings', () => {
  it('is used in the SQL mode and the character set of the transport', async () => {
    const transport = applicationOn(dsn()).open();
    const texts = ["it's", '"quoted"', 'back\\slash\\', "\\'; -- ", '😀'];
    await transport.send(texts.map((text) => note(text)));
    expect(textsOf(await receive(transport, texts.length))).toEqual(texts);
  });

  it('gets many messages in packets that it accepts', async () => {
    const transport = applicationOn(dsn()).open();
    const bodies = Array.from({ length: 30 }, (_, index) => `${index}${'"'.repeat(100_000)}`);
    const sent = await transport.send(bodies.map((body) => note(body)));
    expect(sent).toHaveLength(30);
    const received = await receive(transport, 30);
    expect(textsOf(received)).toEqual(bodies);
    const items = received.map((original, index) => ({
      received: original,
      copy: note(bodies[index] ?? ''),
      to: transport,
    }));
    expect(await transport.requeue(items)).toEqual({ lost: [] });
    expect(textsOf(await receive(transport, 30)).sort()).toEqual([...bodies].sort());
  });

  it('tells the ids that it gave, by other statements also, and however far apart they are', async () => {
    const connection = await server().connect();
    await connection.query('SET GLOBAL auto_increment_increment = 5');
    const transport = applicationOn(dsn(), { isMysql: true }).open();
    const texts = Array.from({ length: 20 }, (_, index) => `${index}${'x'.repeat(90_000)}`);
    const sent = await transport.send(texts.map((text) => note(text)));
    await connection.query('SET GLOBAL auto_increment_increment = 1');
    await connection.end();
    const ids = sent.map((envelope) => envelope.last(TransportMessageIdStamp)?.id ?? '');
    const found = await Promise.all(ids.map((id) => transport.find(id)));
    expect(found.flatMap((envelope) => (envelope === undefined ? [] : textsOf([envelope])))).toEqual(texts);
  });

  it('refuses a message that is larger than a packet, by the name of the setting, and no other', async () => {
    const transport = applicationOn(dsn()).open();
    const results = await Promise.allSettled([
      transport.send([note('before')]),
      transport.send([note('x'.repeat(1024 * 1024))]),
      transport.send([note('after')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const { reason } = results[1] as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(TransportError);
    expect(String(reason)).toMatch(/needs a packet of 10\d{5} bytes, its "max_allowed_packet" is 1048576/);
    expect(textsOf(await receive(transport, 2))).toEqual(['before', 'after']);
  });

  it('is spoken to in TLS, if it is whom its certificate says', async () => {
    const { certificates } = server();
    const query = { 'ssl-ca': certificates?.caFile ?? '' };
    const transport = applicationOn(dsn({ ...query, 'ssl-mode': 'verify_identity' }, 'localhost')).open();
    await transport.send([note('a')]);
    const connection = await server().connect();
    const [rows] = await connection.query("SHOW GLOBAL STATUS LIKE 'Ssl_accepts'");
    await connection.end();
    expect(Number((rows as unknown as ReadonlyArray<{ Value: string }>)[0]?.Value)).toBeGreaterThan(0);
    const error = await rejectionOf(
      applicationOn(dsn({ 'ssl-mode': 'verify_ca' }))
        .open()
        .setup(),
    );
    expect(error.message).toContain('name the file of its authority\'s certificate as "ssl-ca"');
  });

  it('that lets the user not in is named without the password', async () => {
    const url = new URL(dsn());
    [url.username, url.password] = ['nobody', 'hush'];
    const error = await rejectionOf(applicationOn(url.href).open().setup());
    expect(error.message).toContain('does not let this user in');
    expect(JSON.stringify([error.message, error.cause, String(error.stack)])).not.toContain('hush');
  });

  it('may be read-only for a while', async () => {
    const connection = await server().connect();
    await connection.query("CREATE USER 'app'@'%'");
    await connection.query("GRANT ALL ON test.* TO 'app'@'%'");
    await connection.commit();
    const url = new URL(dsn());
    url.username = 'app';
    const transport = applicationOn(url.href).open();
    await transport.send([note('a')]);
    await connection.query('SET GLOBAL read_only = 1');
    const error = await rejectionOf(transport.send([note('b')]));
    await connection.query('SET GLOBAL read_only = 0');
    await connection.end();
    expect(error).not.toBeInstanceOf(MaybeSentError);
    expect(error.message).toContain('is read-only');
    await transport.send([note('c')]);
    expect(textsOf(await receive(transport, 2))).toEqual(['a', 'c']);
  });

  it('may be killed and come back: what was confirmed is there, and those who wait go on', async () => {
    const app = applicationOn(dsn());
    const [sender, receiver] = [app.open({}, 'sender'), applicationOn(dsn()).open()];
    expect(receiver).toBeDefined();
    await sender.send([note('confirmed')]);
    const ended = server().stop('SIGKILL');
    const failed = await eventually('sending failed', async () => {
      const error = await sender.send([note('lost')]).catch((thrown: unknown) => thrown as Error);
      return error instanceof Error && error;
    });
    expect(failed).toBeInstanceOf(TransportError);
    await ended;
    await server().restart();
    await eventually('sending worked again', () =>
      sender.send([note('after')]).then(
        () => true,
        () => false,
      ),
    );
    const texts = textsOf(await receive(sender, 2));
    expect(texts[0]).toBe('confirmed');
    expect(texts).toContain('after');
  }, 60_000);
});
