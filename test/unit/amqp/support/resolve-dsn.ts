import { Dsn } from '../../../../lib/transport/dsn.js';
import {
  resolveAmqpOptions,
  type ResolvedAmqpOptions,
} from '../../../../lib/transports/amqp/amqp.options.js';

/** Resolves as an application does that has a transport "async". */
export function resolveDsn(
  dsn: string,
  options: Readonly<Record<string, unknown>> = {},
): ResolvedAmqpOptions {
  return resolveAmqpOptions('async', new Dsn(dsn, 'async'), options);
}

/** The error of `action`. */
export function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
