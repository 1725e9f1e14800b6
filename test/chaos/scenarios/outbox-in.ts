import type { ChaosAppOptions } from '../app/chaos-app.options.js';

/**
 * The options of an application whose messages wait in a file of its folder until a relay forwards them.
 *
 * @param lease of what a relay has claimed, in seconds.
 */
export function outboxIn(
  folder: string,
  lease: number = 1,
): Pick<ChaosAppOptions, 'outbox' | 'more' | 'database'> {
  const database = `sqlite:${folder}/outbox.db`;
  return { outbox: 'db', more: { db: `${database}?redeliver_timeout=${lease}` }, database };
}
