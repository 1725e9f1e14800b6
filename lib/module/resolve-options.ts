import {
  assertKeys,
  assertList,
  assertNumber,
  assertObject,
  IMPORT_CYCLE_HINT,
  kindOf,
  type OptionKeys,
} from '../discovery/option-checks.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import type { MessengerOptions } from './messenger-options.js';
import { resolveBuses, resolveDefaultBus } from './resolve-buses.js';
import { resolveRouting } from './resolve-routing.js';
import { resolveSigning } from './resolve-signing.js';
import { resolveTransports } from './resolve-transports.js';
import { resolveWorkers } from './resolve-workers.js';
import type { ResolvedMessengerOptions } from './resolved-options.js';
import { signingPolicies } from './signing-policies.js';

const WHERE = 'MessengerModule';

const DEFAULT_MAX_DELIVERIES = 5;

const DEFAULT_INBOX_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

const KEYS: OptionKeys<MessengerOptions> = {
  transports: true,
  failureTransport: true,
  routing: true,
  buses: true,
  defaultBus: true,
  serializer: true,
  signing: true,
  messages: true,
  stamps: true,
  workers: true,
  maxDeliveries: true,
  deduplication: true,
  transaction: true,
  inboxRetention: true,
  transportFactories: true,
  logger: true,
  debug: true,
};

/**
 * Fills in the defaults and checks every option, alone and against the others. Pure.
 *
 * @throws the error for the first thing that is wrong; each is named at the function that checks it.
 */
export function resolveMessengerOptions(options: MessengerOptions): ResolvedMessengerOptions {
  assertObject('MessengerModule.forRoot()', 'options', options);
  assertKeys(WHERE, 'forRoot()', options, KEYS);
  const { transportFactories = [], messages = [], stamps = [], maxDeliveries } = options;
  const { deduplication, inboxRetention } = options;
  assertNamed('transports', options.transports);
  assertNamed('buses', options.buses);
  const signing = resolveSigning(options.signing);
  const transports = resolveTransports(options);
  const buses = resolveBuses(options);
  assertClasses(WHERE, 'messages', messages);
  const { messages: signedMessages = [] } = options.signing ?? {};
  assertClasses(`${WHERE}, "signing"`, 'messages', signedMessages);
  assertClasses(WHERE, 'stamps', stamps);
  assertList(WHERE, 'transportFactories', transportFactories);
  assertNumber(WHERE, 'maxDeliveries', maxDeliveries, { min: 1, isWhole: true });
  if (deduplication !== undefined && !transports.has(deduplication)) {
    throw new UnknownTransportError(deduplication, [...transports.keys()], `${WHERE}, "deduplication"`);
  }
  assertNumber(WHERE, 'inboxRetention', inboxRetention, { min: 1 });
  return {
    transports,
    buses,
    defaultBus: resolveDefaultBus(options, buses),
    failureTransport: options.failureTransport,
    routing: resolveRouting(options, [...transports.keys()]),
    workers: resolveWorkers(options, transports, buses),
    serializer: options.serializer,
    signing,
    signingPolicies: signingPolicies([...transports.values()]),
    signedMessages,
    messages,
    stamps,
    maxDeliveries: maxDeliveries ?? DEFAULT_MAX_DELIVERIES,
    deduplication,
    transaction: options.transaction,
    inboxRetention: inboxRetention ?? DEFAULT_INBOX_RETENTION_MS,
    transportFactories,
    logger: options.logger,
    debug: options.debug === true,
  };
}

function assertNamed(option: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    throw new InvalidOptionError(
      WHERE,
      option,
      `must be an object, with the names as its keys, got ${kindOf(value)}`,
    );
  }
}

function assertClasses(where: string, option: string, types: readonly unknown[]): void {
  assertList(where, option, types);
  const index = types.findIndex((type) => typeof type !== 'function');
  if (index !== -1) {
    const hint = types[index] === undefined ? IMPORT_CYCLE_HINT : '';
    throw new InvalidOptionError(
      where,
      option,
      `must be a list of classes; no. ${index + 1} is ${kindOf(types[index])}${hint}`,
    );
  }
}
