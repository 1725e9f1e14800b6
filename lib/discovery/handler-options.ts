import type { MessageHandlerOptions } from '../decorator/handler-metadata.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownBusError } from '../errors/unknown-bus.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import type { BatchOptions, HandlerOptions } from '../handler/handler-descriptor.js';
import {
  assertBoolean,
  assertKeys,
  assertNumber,
  LONGEST_TIMER_MS,
  type OptionKeys,
} from './option-checks.js';

/** The names that handlers may refer to. */
export interface KnownNames {
  readonly buses: readonly string[];
  readonly transports: readonly string[];
  /** Whether there is a key to sign messages with. */
  readonly canSign: boolean;
}

const KEYS: OptionKeys<MessageHandlerOptions & { readonly handles: unknown }> = {
  handles: true,
  bus: true,
  fromTransport: true,
  priority: true,
  method: true,
  batch: true,
  timeout: true,
  idempotent: true,
  sign: true,
  name: true,
};

const BATCH_KEYS: OptionKeys<BatchOptions> = { size: true, idleTimeout: true };

/**
 * Checks the options of a handler as they were written.
 *
 * @throws UnknownOptionError, InvalidOptionError, UnknownBusError, UnknownTransportError
 */
export function resolveHandlerOptions(
  handlerName: string,
  options: MessageHandlerOptions,
  known: KnownNames,
): HandlerOptions {
  const where = `Handler "${handlerName}"`;
  assertKeys(where, 'options', options, KEYS);
  const { bus, fromTransport, priority, batch, timeout, idempotent, sign } = options;
  if (bus !== undefined && !known.buses.includes(bus)) {
    throw new UnknownBusError(bus, known.buses, where);
  }
  if (fromTransport !== undefined && !known.transports.includes(fromTransport)) {
    throw new UnknownTransportError(fromTransport, known.transports, where);
  }
  assertNumber(where, 'priority', priority, {});
  assertNumber(where, 'timeout', timeout, { min: 1, max: LONGEST_TIMER_MS });
  assertBatch(where, batch);
  assertIdempotent(where, idempotent, batch);
  assertSign(where, sign, known);
  return {
    ...(bus !== undefined && { bus }),
    ...(fromTransport !== undefined && { fromTransport }),
    ...(priority !== undefined && { priority }),
    ...(batch !== undefined && { batch }),
    ...(timeout !== undefined && { timeout }),
    ...(idempotent === true && { idempotent }),
    ...(sign === true && { sign }),
  };
}

function assertBatch(where: string, batch: BatchOptions | undefined): void {
  if (batch !== undefined) {
    assertKeys(where, 'batch', batch, BATCH_KEYS);
    assertNumber(where, 'batch.size', batch.size, { min: 1, isWhole: true });
    assertNumber(where, 'batch.idleTimeout', batch.idleTimeout, { min: 0, max: LONGEST_TIMER_MS });
  }
}

function assertIdempotent(
  where: string,
  idempotent: boolean | undefined,
  batch: BatchOptions | undefined,
): void {
  assertBoolean(where, 'idempotent', idempotent);
  if (idempotent === true && batch !== undefined) {
    throw new InvalidOptionError(
      where,
      'idempotent',
      'cannot be combined with "batch": the messages of a batch fail one by one, and a transaction is rolled back as a whole. ' +
        'Take one of the two away',
    );
  }
}

function assertSign(where: string, sign: boolean | undefined, { canSign }: KnownNames): void {
  assertBoolean(where, 'sign', sign);
  if (sign === true && !canSign) {
    throw new InvalidOptionError(
      where,
      'sign',
      'needs a secret to verify messages with: set "signing: { secret }" of MessengerModule',
    );
  }
}
