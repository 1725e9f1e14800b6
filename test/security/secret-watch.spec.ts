import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { TransportError } from '../../lib/errors/transport.error.js';
import { Dsn } from '../../lib/transport/dsn.js';
import { RecordingLogger } from '../fixtures/core.js';
import { SecretWatch } from '../support/secret-watch.js';
import { secretWatch } from '../support/watch-secrets.js';

const PASSWORD = 'wachtwoord-7';

afterEach(() => {
  // What these tests print on purpose.
  secretWatch().take();
});

/** Uses a DSN as a transport does. */
function useDsn(text: string): void {
  const dsn = new Dsn(text, 'async');
  expect(`${dsn.rest}${dsn.query.join('')}`).not.toBe('');
}

describe('the watch over everything that tests print', () => {
  it.each([
    ['in an error', () => new TransportError('async', `does not accept ${PASSWORD}`), 'error'],
    [
      'in the cause of an error',
      () => new TransportError('async', 'failed', { cause: new Error(`connect as u:${PASSWORD}`) }),
      'cause of an error',
    ],
    ['in a log line', () => new RecordingLogger().log('info', `uses ${PASSWORD}.`), 'log'],
    [
      'in what is logged beside it',
      () => new RecordingLogger().log('info', 'failed', { error: new Error(PASSWORD) }),
      'log',
    ],
    ['on the standard output', () => process.stdout.write(`${PASSWORD}\n`), 'stdout'],
  ])('finds a password that a transport has used %s', (_name, print, where) => {
    useDsn(`redis://u:${PASSWORD}@h/orders`);
    secretWatch().take();

    print();

    expect(secretWatch().take()).toMatchObject([{ where, text: expect.stringContaining(PASSWORD) }]);
  });

  it('finds it escaped or not, and secrets in the query of a DSN', () => {
    useDsn('redis://u:wacht%2Fwoord@h/orders?auth=hemmelig9');
    secretWatch().take();

    secretWatch().search('log', 'a wacht/woord b');
    secretWatch().search('log', 'a wacht%2Fwoord b');
    secretWatch().search('log', 'a hemmelig9 b');

    expect(secretWatch().take()).toHaveLength(3);
  });

  it('finds a password that is an ordinary word where it stands before a host', () => {
    useDsn('amqp://guest:guest@h/orders');
    secretWatch().take();

    secretWatch().search('log', 'amqp://h/orders is used by guest.');
    secretWatch().search('log', 'amqp://guest:guest@h/orders is used.');

    expect(secretWatch().take()).toMatchObject([{ text: 'amqp://guest:guest@h/orders is used.' }]);
  });

  it('finds passwords in URLs and private keys that nobody has told it of', () => {
    const watch = new SecretWatch();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

    watch.search('log', 'Connecting to amqp://u:p4ss@h:5672/, again.');
    watch.search('log', `key: ${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}`);

    expect(watch.take().map(({ text }) => text.slice(0, 30))).toEqual([
      'Connecting to amqp://u:p4ss@h:',
      'key: -----BEGIN PRIVATE KEY---',
    ]);
    expect(watch.take()).toEqual([]);
  });

  it('is content with what is hidden, and with ordinary words', () => {
    const watch = new SecretWatch();
    ['guest', 'abc', '', undefined].forEach((secret) => watch.add(secret));
    watch.addFromUrl('//h/orders');

    watch.search('log', 'redis://***@h/orders, "redis://user:password@host", guest, abc, https://h/a@b');

    expect(watch.take()).toEqual([]);
    expect(watch.searched).toBe(1);
  });
});
