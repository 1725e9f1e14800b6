import { Dsn } from '../../../lib/transport/dsn.js';
import {
  resolveRedisOptions,
  type ResolvedRedisOptions,
} from '../../../lib/transports/redis/redis.options.js';

export const ENVIRONMENT = { env: {}, hostname: 'box', pid: 42, random: '0badcafe' } as const;

/** Resolves as an application does that has a transport "async" and an environment of its own. */
export function resolveDsn(
  dsn: string,
  options: Readonly<Record<string, unknown>> = {},
  env: NodeJS.ProcessEnv = {},
): ResolvedRedisOptions {
  return resolveRedisOptions('async', new Dsn(dsn, 'async'), options, { ...ENVIRONMENT, env });
}

/** The error of `action`, with its text and whatever else it shows of itself. */
export function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
