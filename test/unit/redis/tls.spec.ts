import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { UnknownOptionError } from '../../../lib/errors/unknown-option.error.js';
import { type RedisTls, tlsOf } from '../../../lib/transports/redis/redis.tls.js';
import { errorOf, resolveDsn } from './setup.js';
import { CERTIFICATE, ENCRYPTED_KEY, KEY, OTHER_KEY, PASSPHRASE } from './tls-material.js';

const folder = mkdtempSync(join(tmpdir(), 'redis-tls-'));
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

const tlsOfDsn = (query: string, ssl?: object) => resolveDsn(`rediss://h?${query}`, { ssl }).endpoint.tls;

describe('the TLS of a Redis transport', () => {
  it('verifies servers as Node.js does, if nothing else is said', () => {
    expect(tlsOfDsn('')).toEqual({});
    expect(tlsOf('async', { verify_peer: null, cafile: undefined })).toEqual({});
  });

  it.each<[string, RedisTls]>([
    ['ssl[verify_peer]=0', { rejectUnauthorized: false }],
    ['ssl[verify_peer]=false', { rejectUnauthorized: false }],
    ['ssl[verify_peer]=on', { rejectUnauthorized: true }],
    ['ssl[rejectUnauthorized]=0', { rejectUnauthorized: false }],
    ['ssl[reject_unauthorized]=0', { rejectUnauthorized: false }],
    ['ssl[allow_self_signed]=1', { rejectUnauthorized: false }],
    ['ssl[allow_self_signed]=0', {}],
    ['ssl[allow_self_signed]=1&ssl[verify_peer]=1', { rejectUnauthorized: false }],
    ['ssl[verify_peer]=1&ssl[allow_self_signed]=1', { rejectUnauthorized: false }],
    ['ssl[verify_peer]=0&ssl[allow_self_signed]=0', { rejectUnauthorized: false }],
    ['ssl[verify_peer]=1&ssl[allow_self_signed]=0', { rejectUnauthorized: true }],
    ['ssl[verify_peer_name]=1', {}],
    ['ssl[peer_name]=redis.test', { servername: 'redis.test' }],
    ['ssl[servername]=redis.test', { servername: 'redis.test' }],
    ['ssl[ciphers]=ECDHE-ECDSA-AES128-GCM-SHA256', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
    [`ssl[cafile]=${certFile}`, { ca: CERTIFICATE }],
    [`ssl[local_cert]=${certFile}&ssl[local_pk]=${keyFile}`, { cert: CERTIFICATE, key: KEY }],
    [`ssl[local_cert]=${bothFile}`, { cert: CERTIFICATE + KEY, key: CERTIFICATE + KEY }],
    [`ssl%5Bcafile%5D=${encodeURIComponent(certFile)}`, { ca: CERTIFICATE }],
  ])('is read from "%s"', (query, expected) => {
    expect(tlsOfDsn(query)).toEqual(expected);
  });

  it('is read from options in the names of Node.js', () => {
    const checkServerIdentity = (): undefined => undefined;
    const ssl = {
      ca: [Buffer.from(CERTIFICATE), CERTIFICATE],
      cert: CERTIFICATE,
      key: ENCRYPTED_KEY,
      passphrase: PASSPHRASE,
      servername: 'redis.test',
      rejectUnauthorized: true,
      checkServerIdentity,
    };

    expect(tlsOfDsn('', ssl)).toEqual(ssl);
    expect(tlsOfDsn('', { verifyPeer: false, peerName: 'a' })).toEqual({
      rejectUnauthorized: false,
      servername: 'a',
    });
  });

  it('does not look at the names in a certificate if told so', () => {
    const { checkServerIdentity } = tlsOf('async', { verify_peer_name: false });

    expect(checkServerIdentity?.('elsewhere', {} as never)).toBeUndefined();
    expect(checkServerIdentity).toBe(tlsOf('async', { verify_peer_name: '0' }).checkServerIdentity);
  });

  it('joins what the query and the options say, of which the options win', () => {
    expect(tlsOfDsn('ssl[verify_peer]=0&ssl[peer_name]=a', { verifyPeer: true, ciphers: 'HIGH' })).toEqual({
      rejectUnauthorized: true,
      servername: 'a',
      ciphers: 'HIGH',
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    [
      'a missing file',
      { cafile: missingFile },
      'cafile',
      `names the file "${missingFile}", which cannot be read (ENOENT)`,
    ],
    ['a folder', { local_cert: folder }, 'local_cert', 'which cannot be read (EISDIR)'],
    [
      'a file without PEM',
      { local_pk: textFile },
      'local_pk',
      `names the file "${textFile}", which must hold PEM`,
    ],
    ['a key as an authority', { cafile: keyFile }, 'cafile', 'which must hold PEM certificates'],
    ['a text as an authority', { ca: 'hush' }, 'ca', 'must hold PEM certificates'],
    ['no authority at all', { ca: [] }, 'ca', 'must hold PEM certificates'],
    ['an empty file name', { cafile: '' }, 'cafile', 'must be the name of a file'],
    ['a number as a certificate', { cert: 5 }, 'cert', 'must hold PEM'],
    ['an empty name', { peer_name: '' }, 'peer_name', 'must be a text that is not empty'],
    ['a mistaken switch', { verify_peer: 'maybe' }, 'verify_peer', 'must be true or false, got "maybe"'],
    ['a text as a function', { checkServerIdentity: 'no' }, 'checkServerIdentity', 'must be a function'],
    ['a number as a passphrase', { passphrase: 5 }, 'passphrase', 'must be a text'],
    [
      'two names for one',
      { verify_peer: 1, rejectUnauthorized: true },
      'rejectUnauthorized',
      'means the same as "verifyPeer"',
    ],
    ['two authorities', { ca: CERTIFICATE, cafile: certFile }, 'cafile', 'means the same as "ca"'],
  ])('is refused with %s', (_what, ssl, name, reason) => {
    const error = errorOf(() => tlsOf('async', ssl));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(`Transport "async": option "ssl[${name}]" `);
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain('hush');
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a certificate without its key', { cert: CERTIFICATE }, 'has a certificate without its private key'],
    ['a key of another certificate', { cert: CERTIFICATE, key: OTHER_KEY }, 'is refused by OpenSSL: '],
    [
      'a wrong passphrase',
      { cert: CERTIFICATE, key: ENCRYPTED_KEY, passphrase: 'hush' },
      'is refused by OpenSSL: ',
    ],
    ['ciphers that nobody knows', { ciphers: 'HUSH' }, 'is refused by OpenSSL: '],
  ])('is refused at boot with %s', (_what, ssl, reason) => {
    const error = errorOf(() => tlsOf('async', ssl));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toContain(`Transport "async": option "ssl" ${reason}`);
    expect(error.message).not.toMatch(/hush|PRIVATE KEY-/);
  });

  it.each([
    ['verify_pear', 'Did you mean "verifyPeer"?'],
    ['ca_file', 'Did you mean "cafile"?'],
    ['__proto__', 'Known options: "verifyPeer"'],
    ['toString', 'Known options: "verifyPeer"'],
  ])('has no setting "%s"', (name, text) => {
    const error = errorOf(() => tlsOfDsn(`ssl[${name}]=1`));

    expect(error).toBeInstanceOf(UnknownOptionError);
    expect(error.message).toContain(`Transport "async": unknown option "ssl[${name}]".`);
    expect(error.message).toContain(text);
  });

  it('takes no private key from a DSN', () => {
    expect(() => tlsOfDsn(`ssl[key]=${encodeURIComponent(KEY)}`)).toThrow(
      'option "ssl[key]" must not be in a DSN; name a file in "ssl[local_pk]"',
    );
  });
});
