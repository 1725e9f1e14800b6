import {
  assertBoolean,
  assertKeys,
  assertList,
  assertNumber,
  kindOf,
  type OptionKeys,
} from '../discovery/option-checks.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import type {
  SigningKeyOptions,
  SigningOptions,
  TransportSigningOptions,
} from '../serializer/signing/signing-options.js';
import { SigningKey } from '../serializer/signing/signing-key.js';
import type { ResolvedSigning } from '../serializer/signing/signing-policy.js';

const WHERE = 'MessengerModule, "signing"';

/** As long as what HMAC-SHA256 makes of it: shorter ones can be guessed. */
const MIN_SECRET_BYTES = 32;

const MAX_ID_LENGTH = 64;

const DEFAULT_CLOCK_SKEW_MS = 60_000;

const KEYS: OptionKeys<SigningOptions> = {
  secret: true,
  keys: true,
  maxAge: true,
  clockSkew: true,
  messages: true,
};

const KEY_KEYS: OptionKeys<SigningKeyOptions> = { secret: true, id: true };

const TRANSPORT_KEYS: OptionKeys<TransportSigningOptions> = { as: true, required: true, symfony: true };

/** What applications are told to write. */
const HOW_TO_MAKE_ONE = 'Make one with "openssl rand -base64 32", and keep it where other secrets are';

/**
 * No part of a secret is in an error.
 *
 * @throws UnknownOptionError, InvalidOptionError
 */
export function resolveSigning(options: SigningOptions | undefined): ResolvedSigning | undefined {
  if (options === undefined) {
    return undefined;
  }
  assertKeys(WHERE, 'signing', options, KEYS);
  const { secret, keys, maxAge, clockSkew } = options;
  if ((secret === undefined) === (keys === undefined)) {
    throw new InvalidOptionError(
      WHERE,
      'secret',
      secret === undefined
        ? `is missing, and so is "keys"; if it comes from an environment variable, see whether that is set. ${HOW_TO_MAKE_ONE}`
        : 'cannot be combined with "keys". Write it as the first of them',
    );
  }
  assertNumber(WHERE, 'maxAge', maxAge, { min: 1 });
  assertNumber(WHERE, 'clockSkew', clockSkew, { min: 0 });
  return {
    keys: resolveKeys(keys ?? [{ secret: secret as string }], keys === undefined),
    maxAge,
    clockSkew: clockSkew ?? DEFAULT_CLOCK_SKEW_MS,
  };
}

/**
 * What a transport says of its signing, checked.
 *
 * @param canSign whether the module has keys.
 * @throws UnknownOptionError, InvalidOptionError
 */
export function resolveTransportSigning(
  where: string,
  sign: unknown,
  canSign: boolean,
): TransportSigningOptions | undefined {
  if (sign === undefined || sign === false) {
    return undefined;
  }
  if (sign !== true) {
    assertTransportSigning(where, sign);
  }
  if (!canSign) {
    throw new InvalidOptionError(
      where,
      'sign',
      `needs a secret: set "signing: { secret }" of MessengerModule. ${HOW_TO_MAKE_ONE}`,
    );
  }
  return sign === true ? {} : (sign as TransportSigningOptions);
}

function resolveKeys(
  keys: readonly SigningKeyOptions[],
  isSingle: boolean,
): readonly [SigningKey, ...SigningKey[]] {
  assertList(WHERE, 'keys', keys);
  const resolved = keys.map((key, index) => resolveKey(key, isSingle ? 'secret' : `keys[${index}]`));
  const [first, ...others] = resolved;
  if (first === undefined) {
    throw new InvalidOptionError(WHERE, 'keys', `must hold at least one key. ${HOW_TO_MAKE_ONE}`);
  }
  const twice = resolved.find(({ id }, index) => resolved.findIndex((key) => key.id === id) < index);
  if (twice !== undefined) {
    throw new InvalidOptionError(WHERE, 'keys', `has two keys with the id "${twice.id}". Give each its own`);
  }
  return [first, ...others];
}

function resolveKey(key: SigningKeyOptions, option: string): SigningKey {
  assertKeys(WHERE, option, key, KEY_KEYS);
  const { secret, id } = key as { readonly secret: unknown; readonly id?: unknown };
  const whose = option === 'secret' ? option : `${option}.secret`;
  if (typeof secret !== 'string') {
    throw new InvalidOptionError(
      WHERE,
      whose,
      `must be a text, got ${kindOf(secret)}; if it comes from an environment variable, see whether that is set`,
    );
  }
  const size = Buffer.byteLength(secret);
  if (size < MIN_SECRET_BYTES) {
    throw new InvalidOptionError(
      WHERE,
      whose,
      `has ${size} bytes, and a secret needs at least ${MIN_SECRET_BYTES}. ${HOW_TO_MAKE_ONE}`,
    );
  }
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH)) {
    throw new InvalidOptionError(WHERE, `${option}.id`, `must be a text of 1 to ${MAX_ID_LENGTH} characters`);
  }
  return new SigningKey(secret, id);
}

function assertTransportSigning(where: string, sign: unknown): void {
  if (typeof sign !== 'object' || sign === null) {
    throw new InvalidOptionError(where, 'sign', `must be true, false or an object, got ${kindOf(sign)}`);
  }
  const whose = `${where}, "sign"`;
  assertKeys(whose, 'sign', sign, TRANSPORT_KEYS);
  const { as: scope, required, symfony } = sign as Readonly<Record<keyof TransportSigningOptions, unknown>>;
  if (scope !== undefined && (typeof scope !== 'string' || scope === '')) {
    throw new InvalidOptionError(
      whose,
      'as',
      `must be a name, got ${scope === '' ? 'an empty text' : kindOf(scope)}`,
    );
  }
  assertBoolean(whose, 'required', required);
  if (symfony !== undefined && typeof symfony !== 'boolean' && symfony !== 'body') {
    throw new InvalidOptionError(whose, 'symfony', 'must be true, false or "body"');
  }
}
