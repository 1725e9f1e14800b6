import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MessengerError } from '../../../lib/errors/messenger.error.js';
import { describeEndpoint, endpointKey } from '../../../lib/transports/redis/redis.endpoint.js';
import { errorOf, resolveDsn } from './setup.js';
import { CERTIFICATE, ENCRYPTED_KEY, KEY, PASSPHRASE } from './tls-material.js';

describe('the errors of Redis DSNs and options', () => {
  it.each([
    ['redis://hush:more@h:0'],
    ['redis://u:hush@h/a/b/c/d'],
    ['redis://u:hush%@h'],
    ['redis://u:hush@h?auth=hush&nonsense=1'],
    ['redis://u:hush@h?auth[]=hush&auth[]=hush&auth[]=hush'],
    ['redis://u:hush@h?auth[7]=hush'],
    ['redis://u:hush@h?port=0'],
    ['redis://u:hush@h1,u:hush@h2?cluster=0'],
    ['redis://hush@h1,redis://hush@h2:x'],
    ['redis://hush@'],
    ['redis://:hush@'],
    ['redis://hush@:1'],
    ['redis:hush@h:6379'],
    ['redis:u:hush'],
    ['redis://u:hush'],
    ['redis://u:hush/s'],
    ['redis://u:a,hush@h'],
    ['redis://u:hush,a@h'],
    ['redis://a,hush@h'],
    ['redis://u:hush/a@h'],
    ['redis://u:a/hush@h'],
    ['redis://a/hush@h'],
    ['redis://a/b/c/d/hush@h'],
    ['redis://a/b/c/hush/d@h'],
    ['redis://u:hush?a@h'],
    ['redis://u:a?hush@h'],
    ['redis://a?hush@h'],
    ['redis://a?hush=x@h'],
    ['redis://a?b=hush@h'],
    ['redis://h:x?nonsense=hush'],
    ['redis://h:x?%61uth=hush'],
    ['redis://h/a/b/c/d?%61uth=hush'],
    ['redis:///run/?auth=hush'],
    ['redis://h?ssl[passphrase]=hush'],
    ['rediss://h?ssl[key]=hush'],
    ['rediss://h?ssl[passphrase]=hush&ssl[nonsense]=1'],
    ['rediss://h?ssl[cert]=hush'],
  ])('do not tell the secret of "%s"', (dsn) => {
    const error = errorOf(() => resolveDsn(dsn));

    expect(error).toBeInstanceOf(MessengerError);
    const { stack: _stack, ...fields } = error;
    expect(`${error.message} ${inspect(fields, { depth: 9 })}`).not.toContain('hush');
  });

  it('do not tell a secret of the options', () => {
    for (const options of [
      { auth: { user: 'hush' } },
      { auth: ['hush'.repeat(2), 5] },
      { auth: ['hush', ''] },
      { ssl: { cert: 'hush' } },
      { ssl: { key: 'hush' } },
      { ssl: { passphrase: ['hush'] } },
      { ssl: { cert: CERTIFICATE, key: ENCRYPTED_KEY, passphrase: 'hush' } },
      { ssl: { local_pk: KEY } },
      { ssl: { local_pk: Buffer.from(KEY) } },
      { ssl: { cafile: KEY } },
      { ssl: { ca: KEY } },
    ]) {
      const { message } = errorOf(() => resolveDsn('rediss://h', options));

      expect(message).toMatch(/^Transport "async": option "/);
      expect(message).not.toMatch(/hush|PRIVATE KEY/);
    }
  });
});

describe('what stands for a Redis endpoint', () => {
  it('holds no secret', () => {
    const ssl = { ca: CERTIFICATE, cert: CERTIFICATE, key: ENCRYPTED_KEY, passphrase: PASSPHRASE };
    const { endpoint } = resolveDsn('rediss://lovelace:hush1@h?sentinel_master=m&auth=hush2', { ssl });
    const shown = `${describeEndpoint(endpoint)} ${endpointKey(endpoint)}`;

    expect(endpoint).toMatchObject({
      credentials: { username: 'lovelace', password: 'hush1' },
      sentinelCredentials: { password: 'hush2' },
      tls: ssl,
    });
    expect(shown).not.toMatch(/hush|lovelace|BEGIN/);
    expect(shown).not.toContain(KEY.split('\n')[1]);
  });
});
