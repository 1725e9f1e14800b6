import { assertKeys, assertNumber, kindOf, type OptionKeys } from '../discovery/option-checks.js';
import { InvalidFailureTransportError } from '../errors/invalid-failure-transport.error.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { InvalidRetryStrategyError } from '../errors/invalid-retry-strategy.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import { MultiplierRetryStrategy, type RetryOptions } from '../retry/multiplier.retry-strategy.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';
import { Dsn } from '../transport/dsn.js';
import type { RateLimitOptions } from '../worker/rate-limiter.js';
import type { InstanceOrProvider, MessengerOptions, TransportOptions } from './messenger-options.js';
import { assertOutboxes } from './resolve-outboxes.js';
import { resolveTransportSigning } from './resolve-signing.js';
import { ResolvedTransport } from './resolved-options.js';

const TRANSPORT_KEYS: OptionKeys<TransportOptions> = {
  dsn: true,
  options: true,
  connection: true,
  retry: true,
  failureTransport: true,
  serializer: true,
  rateLimit: true,
  inbox: true,
  outbox: true,
  sign: true,
};

const RETRY_KEYS: OptionKeys<RetryOptions> = {
  maxRetries: true,
  delay: true,
  multiplier: true,
  maxDelay: true,
  jitter: true,
};

const RATE_LIMIT_KEYS: OptionKeys<RateLimitOptions> = { limit: true, interval: true };

/**
 * @throws InvalidDsnError, UnknownOptionError, InvalidOptionError, InvalidRetryStrategyError, UnknownTransportError,
 * InvalidFailureTransportError, InvalidOutboxError
 */
export function resolveTransports(options: MessengerOptions): ReadonlyMap<string, ResolvedTransport> {
  const { transports: written = {}, failureTransport, signing } = options;
  const transports = new Map<string, ResolvedTransport>();
  for (const [name, definition] of Object.entries(written)) {
    const given = typeof definition === 'object' && definition !== null ? definition : { dsn: definition };
    transports.set(name, resolveTransport(name, given, failureTransport, signing !== undefined));
  }
  if (failureTransport !== undefined) {
    assertFailureTransport(failureTransport, 'MessengerModule, "failureTransport"', transports);
  }
  for (const [name, { inbox }] of transports) {
    if (inbox !== undefined && !transports.has(inbox)) {
      throw new UnknownTransportError(inbox, [...transports.keys()], `Transport "${name}", "inbox"`);
    }
  }
  for (const [name, { failureTransport: target }] of transports) {
    if (target !== undefined && target !== failureTransport) {
      assertFailureTransport(target, `Transport "${name}", "failureTransport"`, transports);
    }
  }
  assertOutboxes(transports);
  return transports;
}

function resolveTransport(
  name: string,
  definition: TransportOptions,
  globalFailureTransport: string | undefined,
  canSign: boolean,
): ResolvedTransport {
  const where = `Transport "${name}"`;
  assertKeys(where, 'transports', definition, TRANSPORT_KEYS);
  const { dsn, options = {}, retry, failureTransport, serializer, rateLimit } = definition;
  const { inbox, outbox, connection, sign } = definition;
  if (failureTransport === name) {
    throw new InvalidFailureTransportError(
      name,
      'of itself. Name another one, or leave "failureTransport" out',
    );
  }
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError(where, 'options', `must be an object, got ${kindOf(options)}`);
  }
  assertRateLimit(where, rateLimit);
  assertConnection(where, connection);
  return new ResolvedTransport({
    name,
    dsn: new Dsn(textOf(dsn, where), name),
    options,
    retryStrategy: resolveRetry(where, retry),
    failureTransport: failureTransport ?? globalFailureTransport,
    serializer,
    rateLimit,
    inbox: resolveInbox(name, inbox),
    outbox,
    connection,
    sign: resolveTransportSigning(where, sign, canSign),
    refusesToSign: sign === false,
  });
}

/** The text may hold a secret, so nothing of it is in the error. */
function textOf(dsn: unknown, where: string): string {
  if (typeof dsn !== 'string' || dsn.trim() === '') {
    throw new InvalidOptionError(
      where,
      'dsn',
      `must be a text such as "sqlite:var/messenger.db", got ${dsn === '' ? 'an empty one' : kindOf(dsn)}; ` +
        'if it comes from an environment variable, see whether that is set',
    );
  }
  return dsn;
}

function resolveRetry(
  where: string,
  retry: RetryOptions | InstanceOrProvider<RetryStrategy> = {},
): InstanceOrProvider<RetryStrategy> {
  if (typeof retry !== 'object' || 'isRetryable' in retry) {
    return retry;
  }
  const whose = `${where}, "retry"`;
  assertKeys(whose, 'retry', retry, RETRY_KEYS);
  try {
    return new MultiplierRetryStrategy(retry);
  } catch (error) {
    throw error instanceof InvalidRetryStrategyError
      ? new InvalidRetryStrategyError(error.setting, error.rule, error.value, whose)
      : error;
  }
}

/** The name of the transport that keeps the inbox. */
function resolveInbox(name: string, inbox: unknown): string | undefined {
  if (inbox === undefined || typeof inbox === 'boolean') {
    return inbox === true ? name : undefined;
  }
  if (typeof inbox !== 'string') {
    throw new InvalidOptionError(
      `Transport "${name}"`,
      'inbox',
      `must be true, false or the name of a transport, got ${kindOf(inbox)}`,
    );
  }
  return inbox;
}

function assertRateLimit(where: string, rateLimit: RateLimitOptions | undefined): void {
  if (rateLimit !== undefined) {
    const whose = `${where}, "rateLimit"`;
    assertKeys(whose, 'rateLimit', rateLimit, RATE_LIMIT_KEYS);
    assertGiven(whose, 'limit', rateLimit.limit);
    assertGiven(whose, 'interval', rateLimit.interval);
    assertNumber(whose, 'limit', rateLimit.limit, { min: 1, isWhole: true });
    assertNumber(whose, 'interval', rateLimit.interval, { min: 1 });
  }
}

function assertConnection(where: string, connection: unknown): void {
  const isOne = ['object', 'function', 'string', 'symbol'].includes(typeof connection) && connection !== null;
  if (connection !== undefined && (!isOne || connection === '')) {
    throw new InvalidOptionError(
      where,
      'connection',
      `must be a connection, or the class or token of its provider, got ${connection === '' ? 'an empty text' : kindOf(connection)}`,
    );
  }
}

function assertGiven(where: string, option: string, value: unknown): void {
  if (value === undefined) {
    throw new InvalidOptionError(where, option, 'is missing');
  }
}

function assertFailureTransport(
  target: string,
  where: string,
  transports: ReadonlyMap<string, ResolvedTransport>,
): void {
  const transport = transports.get(target);
  if (transport === undefined) {
    throw new UnknownTransportError(target, [...transports.keys()], where);
  }
  if (transport.isSync) {
    throw new InvalidFailureTransportError(
      target,
      'since "sync://" keeps no messages. Use one that stores them, "sqlite:" for instance',
    );
  }
}
