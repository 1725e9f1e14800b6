import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { MessengerOptions } from '../../lib/module/messenger-options.js';
import { resolveMessengerOptions } from '../../lib/module/resolve-options.js';
import { OTHER_SECRET, SECRET } from './support/signed.js';

function errorOf(options: unknown): { readonly code: string; readonly message: string } {
  try {
    resolveMessengerOptions(options as MessengerOptions);
  } catch (error) {
    return error as Error & { readonly code: string };
  }
  throw new RangeError('The options are accepted.');
}

const ofSigning = (signing: unknown) => errorOf({ signing }).message;

const ofTransport = (sign: unknown) =>
  errorOf({ transports: { async: { dsn: 'in-memory://', sign } }, signing: { secret: SECRET } }).message;

describe('the options of signing', () => {
  it.each([
    [
      {},
      'MessengerModule, "signing": option "secret" is missing, and so is "keys"; if it comes from an environment variable, see ' +
        'whether that is set. Make one with "openssl rand -base64 32", and keep it where other secrets are.',
    ],
    [
      { secret: '' },
      'MessengerModule, "signing": option "secret" has 0 bytes, and a secret needs at least 32. Make one with "openssl rand ' +
        '-base64 32", and keep it where other secrets are.',
    ],
    [{ secret: 'x'.repeat(31) }, 'option "secret" has 31 bytes, and a secret needs at least 32.'],
    [{ secret: 7 }, 'option "secret" must be a text, got a value of type "number"; if it comes from'],
    [{ secret: SECRET, keys: [{ secret: SECRET }] }, 'option "secret" cannot be combined with "keys".'],
    [{ keys: [] }, 'option "keys" must hold at least one key.'],
    [{ keys: { secret: SECRET } }, 'option "keys" must be a list, got a value of type "object".'],
    [{ keys: [SECRET] }, 'option "keys[0]" must be an object, got a value of type "string".'],
    [{ keys: [{ secret: SECRET }, { secret: 'short' }] }, 'option "keys[1].secret" has 5 bytes'],
    [{ keys: [{ secret: SECRET, id: '' }] }, 'option "keys[0].id" must be a text of 1 to 64 characters.'],
    [
      {
        keys: [
          { secret: SECRET, id: 'a' },
          { secret: OTHER_SECRET, id: 'a' },
        ],
      },
      'option "keys" has two keys with the id "a". Give each its own.',
    ],
    [{ keys: [{ secret: SECRET }, { secret: SECRET }] }, 'option "keys" has two keys with the id "'],
    [{ secret: SECRET, maxAge: 0 }, 'option "maxAge" must be a number from 1 up, got 0.'],
    [{ secret: SECRET, clockSkew: -1 }, 'option "clockSkew" must be a number from 0 up, got -1.'],
    [
      { secret: SECRET, messages: ['Report'] },
      'option "messages" must be a list of classes; no. 1 is a value',
    ],
    [{ secret: SECRET, max_age: 5 }, 'unknown option "max_age". Did you mean "maxAge"?'],
    [
      'secret',
      'MessengerModule, "signing": option "signing" must be an object, got a value of type "string".',
    ],
  ])('are checked: %o', (signing, text) => {
    expect(ofSigning(signing)).toContain(text);
  });

  it('of a transport are checked', () => {
    expect(errorOf({ transports: { async: { dsn: 'in-memory://', sign: true } } })).toMatchObject({
      code: 'MESSENGER_INVALID_OPTION',
      message:
        'Transport "async": option "sign" needs a secret: set "signing: { secret }" of MessengerModule. Make one with "openssl ' +
        'rand -base64 32", and keep it where other secrets are.',
    });
    expect(ofTransport('yes')).toContain(
      'option "sign" must be true, false or an object, got a value of type "string".',
    );
    expect(ofTransport({ as: '' })).toContain(
      'Transport "async", "sign": option "as" must be a name, got an empty text.',
    );
    expect(ofTransport({ required: 'no' })).toContain('option "required" must be true or false, got "no".');
    expect(ofTransport({ symfony: 'v2' })).toContain('option "symfony" must be true, false or "body".');
    expect(ofTransport({ symphony: true })).toContain('unknown option "symphony". Did you mean "symfony"?');
  });

  it('reach the failure transport of a transport that signs, also by way of another', () => {
    const { signingPolicies } = resolveMessengerOptions({
      signing: { secret: SECRET },
      transports: {
        async: { dsn: 'in-memory://', sign: true, failureTransport: 'first' },
        optional: { dsn: 'in-memory://', sign: { required: false }, failureTransport: 'third' },
        plain: { dsn: 'in-memory://', failureTransport: 'fourth' },
        first: { dsn: 'in-memory://', failureTransport: 'second' },
        second: 'in-memory://',
        third: 'in-memory://',
        fourth: 'in-memory://',
      },
    });

    expect(
      Array.from(signingPolicies.values(), ({ scope, isSigned, isRequired, checksAge }) => [
        scope,
        isSigned,
        isRequired,
        checksAge,
      ]),
    ).toEqual([
      ['async', true, true, true],
      ['optional', true, false, true],
      ['plain', false, false, true],
      ['first', true, true, false],
      ['second', true, true, false],
      ['third', true, false, false],
      ['fourth', false, false, false],
    ]);
  });

  it('do not let the failure transport of a transport that signs refuse to', () => {
    expect(
      errorOf({
        signing: { secret: SECRET },
        failureTransport: 'failed',
        transports: {
          async: { dsn: 'in-memory://', sign: true },
          failed: { dsn: 'in-memory://', sign: false },
        },
      }).message,
    ).toBe(
      'Transport "failed": option "sign" cannot be false: it is the failure transport of "async", whose messages are signed. ' +
        'Leave it out.',
    );
  });

  it('show no secret, whoever prints them', () => {
    const resolved = resolveMessengerOptions({
      signing: { keys: [{ secret: SECRET }, { secret: OTHER_SECRET, id: 'old' }] },
      transports: { async: { dsn: 'in-memory://', sign: true } },
    });

    const printed = [
      inspect(resolved, { depth: 20, showHidden: true, getters: true }),
      JSON.stringify(resolved),
    ].join('\n');

    expect(printed).toContain('old');
    for (const secret of [SECRET, OTHER_SECRET]) {
      expect(printed).not.toContain(secret);
      expect(printed).not.toContain(secret.slice(0, 12));
      expect(printed).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12));
      expect(printed).not.toContain(Buffer.from(secret).toString('hex').slice(0, 12));
    }
  });
});
