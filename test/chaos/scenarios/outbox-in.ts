import type { ChaosAppOptions } from '../app/chaos-app.options.js';

/** The options of an application whose messages wait in a file of its folder until a relay forwards them. */
export function outboxIn(folder: string): Pick<ChaosAppOptions, 'outbox' | 'more' | 'database'> {
  const database = `sqlite:${folder}/outbox.db`;
  return { outbox: 'db', more: { db: `${database}?redeliver_timeout=1` }, database };
}
