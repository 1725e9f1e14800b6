import { describe, expect, it } from 'vitest';
import { perFile } from '../redis/support/lifetime.js';
import { application, errorFrom, note, textsOf } from './setup.js';
import { PostgresInstance } from './support/postgres-instance.js';
import { uniqueName } from './support/shared-postgres.js';

describe('TLS to PostgreSQL', () => {
  const server = perFile(async (lifetime) => {
    const instance = await PostgresInstance.start({ tls: true });
    lifetime(() => instance.remove());
    return instance;
  });

  function open(options: Readonly<Record<string, unknown>>) {
    const dsnOf = (query: Readonly<Record<string, string>>): string => server().dsn(query);
    return application({ table: uniqueName('tls'), dsnOf }).open({ useNotify: false, ...options });
  }

  it.each(['verify-full', 'verify-ca', 'require'])(
    'is spoken with "%s" and the authority of the certificate',
    async (sslmode) => {
      const transport = open({ sslmode, sslrootcert: server().certificates?.caFile });
      await transport.send([note('a')]);

      expect(textsOf(await transport.get())).toEqual(['a']);
    },
  );

  it('is spoken with "require" to whoever answers', async () => {
    const transport = open({ sslmode: 'require' });
    await transport.send([note('a')]);
  });

  it('is refused by a client that does not know the authority, and the error says what to name', async () => {
    const error = await errorFrom(open({ sslmode: 'verify-full' }).send([note('a')]));

    expect(error.message).toContain('name the file of its authority\'s certificate as "sslrootcert"');
  });

  it('distinguishes the host only with "verify-full"', async () => {
    const certificate = server().certificates?.caFile;
    // The certificate is for 127.0.0.1 and localhost; "::ffff:127.0.0.1" is the same machine by another name.
    const host = { host: '::ffff:127.0.0.1', sslrootcert: certificate };

    const error = await errorFrom(open({ ...host, sslmode: 'verify-full' }).send([note('a')]));
    const transport = open({ ...host, sslmode: 'verify-ca' });
    await transport.send([note('b')]);

    expect(error.message).toContain('"sslmode=verify-ca" does not compare the names');
    expect(textsOf(await transport.get())).toEqual(['b']);
  });

  it('is wanted by a server that a client without it cannot talk to, and the error says so', async () => {
    const error = await errorFrom(open({}).send([note('a')]));

    expect(error.message).toContain('then add "sslmode=require" to the DSN');
  });
});
