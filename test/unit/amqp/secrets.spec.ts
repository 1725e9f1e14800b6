import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { MessengerError } from '../../../lib/errors/messenger.error.js';
import { describeEndpoint, endpointKey } from '../../../lib/transports/amqp/amqp.endpoint.js';
import type { AmqpTls } from '../../../lib/transports/amqp/amqp.tls.js';
import { CERTIFICATE, ENCRYPTED_KEY, KEY, OTHER_KEY, PASSPHRASE } from '../redis/tls-material.js';
import { errorOf, resolveDsn } from './support/resolve-dsn.js';

const folder = mkdtempSync(join(tmpdir(), 'amqp-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const certFile = fileOf('cert.pem', CERTIFICATE);
const keyFile = fileOf('key.pem', KEY);
const bothFile = fileOf('both.pem', CERTIFICATE + KEY);
const textFile = fileOf('text.pem', 'hush, no PEM');
const missingFile = join(folder, 'missing.pem');

const tlsOf = (query: string, options = {}) => resolveDsn(`amqps://h?${query}`, options).endpoint.tls;

describe('the TLS of an AMQP transport', () => {
  it.each<[string, AmqpTls]>([
    ['', {}],
    ['verify=0', { rejectUnauthorized: false }],
    ['verify=true', { rejectUnauthorized: true }],
    [`cacert=${certFile}`, { ca: CERTIFICATE }],
    [`cert=${certFile}&key=${keyFile}`, { cert: CERTIFICATE, key: KEY }],
    [`cert=${bothFile}`, { cert: CERTIFICATE + KEY, key: CERTIFICATE + KEY }],
  ])('is read from "%s"', (query, expected) => {
    expect(tlsOf(query)).toEqual(expected);
  });

  it('is read from options, which may hold PEM itself', () => {
    const options = {
      cacert: Buffer.from(CERTIFICATE),
      cert: CERTIFICATE,
      key: ENCRYPTED_KEY,
      passphrase: PASSPHRASE,
    };
    const { cacert: ca, ...others } = options;

    expect(tlsOf('', options)).toEqual({ ca, ...others });
  });

  it.each(['external', 'EXTERNAL', '1'])('may be what logs in: sasl_method=%s', (method) => {
    const login = (query: string) => resolveDsn(`amqps://h?${query}`).endpoint.saslMethod;

    expect(login(`cert=${bothFile}&sasl_method=${method}`)).toBe('external');
    expect(login(`cert=${bothFile}&sasl_method=plain`)).toBeUndefined();
    expect(login(`cert=${bothFile}`)).toBeUndefined();
  });

  it('must have a certificate to log in by', () => {
    expect(errorOf(() => resolveDsn('amqps://h?sasl_method=external')).message).toBe(
      'Transport "async": option "sasl_method" is "external", which logs in by a certificate; name its file as "cert".',
    );
  });

  it('takes part in what tells connections apart', () => {
    const keyOf = (options: Readonly<Record<string, unknown>>) =>
      endpointKey(resolveDsn('amqps://h', options).endpoint);

    expect(keyOf({ cert: CERTIFICATE, key: KEY })).toBe(keyOf({ cert: certFile, key: keyFile }));
    expect(keyOf({ cacert: CERTIFICATE })).not.toBe(keyOf({}));
    const pair = { cert: CERTIFICATE, key: KEY };
    expect(keyOf({ ...pair, sasl_method: 'external' })).not.toBe(keyOf(pair));
  });

  it.each([
    [
      `cacert=${missingFile}`,
      `option "cacert" names the file "${missingFile}", which cannot be read (ENOENT)`,
    ],
    [`cacert=${textFile}`, `names the file "${textFile}", which does not hold PEM certificates`],
    [`cert=${textFile}`, `names the file "${textFile}", which does not hold PEM.`],
    ['cert=', 'option "cert" must be the name of a file, or PEM'],
    [`cert=${certFile}`, 'option "cert" has a certificate without its private key'],
    [`key=${keyFile}`, 'option "key" needs the certificate that it belongs to'],
    ['verify=maybe', 'option "verify" must be true or false'],
  ])('is refused if it is wrong: %s', (query, reason) => {
    expect(errorOf(() => tlsOf(query)).message).toContain(reason);
  });

  it('has no key in a DSN, which is shown in places', () => {
    const query = `cert=${certFile}&key=${encodeURIComponent(KEY)}`;

    expect(errorOf(() => tlsOf(query)).message).toContain('option "key" must be the name of a file in a DSN');
  });

  it('is refused without an "amqps:"', () => {
    for (const options of [
      { verify: false },
      { cacert: certFile },
      { cert: bothFile },
      { passphrase: 'x' },
    ]) {
      expect(errorOf(() => resolveDsn('amqp://h', options)).message).toContain(
        `option "${Object.keys(options)[0]}" needs TLS; write the DSN with "amqps:"`,
      );
    }
  });

  it('is refused with a key that does not fit, and with one that cannot be opened', () => {
    const refused = /option "key" is refused by OpenSSL: /;

    expect(() => tlsOf('', { cert: CERTIFICATE, key: OTHER_KEY })).toThrow(refused);
    expect(() => tlsOf('', { cert: CERTIFICATE, key: ENCRYPTED_KEY, passphrase: 'wrong' })).toThrow(refused);
  });
});

describe('the errors of AMQP DSNs and options', () => {
  it.each([
    ['amqp://hush:more@h:0'],
    ['amqp://u:hush@h/a/b/c/d'],
    ['amqp://u:hush%@h'],
    ['amqp://u:hush@h?password=hush&nonsense=1'],
    ['amqp://h?password[]=hush'],
    ['amqp://h?login[]=hush'],
    ['amqp://h1,u:hush@h2'],
    ['amqp://u:hush@h1,u:more@h2'],
    ['amqp://hush@'],
    ['amqp://:hush@'],
    ['amqp://hush@:1'],
    ['amqp:hush@h:6379'],
    ['amqp:u:hush'],
    ['amqp://u:hush'],
    ['amqp://u:hush/s'],
    ['amqp://u:a,hush@h'],
    ['amqp://u:hush,a@h'],
    ['amqp://a,hush@h'],
    ['amqp://u:hush/a@h'],
    ['amqp://u:a/hush@h'],
    ['amqp://a/hush@h'],
    ['amqp://a/b/c/hush/d@h'],
    ['amqp://u:hush?a@h'],
    ['amqp://u:a?hush@h'],
    ['amqp://a?hush@h'],
    ['amqp://a?hush=x@h'],
    ['amqp://a?b=hush@h'],
    ['amqp://a?queues[hush]=x@h&b'],
    ['amqp://h:x?nonsense=hush'],
    ['amqp://h/a/b/c/d?%70assword=hush'],
    ['amqp://h?passphrase=hush'],
    [`amqps://h?key=${encodeURIComponent('-----BEGIN hush')}`],
    [`amqps://h?cert=${encodeURIComponent('-----BEGIN hush')}`],
  ])('do not tell the secret of "%s"', (dsn) => {
    const error = errorOf(() => resolveDsn(dsn));

    expect(error).toBeInstanceOf(MessengerError);
    const { stack: _stack, ...fields } = error;
    expect(`${error.message} ${inspect(fields, { depth: 9 })}`).not.toContain('hush');
  });

  it('do not tell a secret of the options', () => {
    for (const options of [
      { password: ['hush'] },
      { login: { hush: 1 } },
      { cert: '-----BEGIN hush' },
      { key: ['hush'] },
      { passphrase: ['hush'] },
      { cert: CERTIFICATE, key: ENCRYPTED_KEY, passphrase: 'hush' },
      { cacert: KEY },
      { key: KEY },
      { cert: KEY },
    ]) {
      const { message } = errorOf(() => resolveDsn('amqps://h', options));

      expect(message).toMatch(/^Transport "async": option "/);
      expect(message).not.toMatch(/hush|PRIVATE KEY/);
    }
  });
});

describe('what stands for an AMQP endpoint', () => {
  it('holds no secret', () => {
    const options = { cacert: CERTIFICATE, cert: CERTIFICATE, key: ENCRYPTED_KEY, passphrase: PASSPHRASE };
    const { endpoint } = resolveDsn('amqps://lovelace:hush1@h/v', options);
    const shown = `${describeEndpoint(endpoint)} ${endpointKey(endpoint)}`;

    expect(endpoint).toMatchObject({ user: 'lovelace', password: 'hush1' });
    expect(shown).not.toMatch(/hush|lovelace|BEGIN/);
    expect(shown).not.toContain(KEY.split('\n')[1]);
  });
});
