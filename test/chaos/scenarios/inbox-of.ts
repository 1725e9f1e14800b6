import type { ChaosAppOptions } from '../app/chaos-app.options.js';
import type { ChaosRig, RigTransport } from '../rigs/chaos-rig.js';

/** Those that keep an inbox themselves; the others have one in a database. */
const INBOX_STORES: readonly RigTransport[] = ['sqlite', 'postgres', 'mysql'];

/** The options of an application whose idempotent handlers remember what they have handled. */
export function inboxOf({ transport }: ChaosRig, folder: string): Pick<ChaosAppOptions, 'inbox' | 'more'> {
  return INBOX_STORES.includes(transport)
    ? { inbox: true }
    : { inbox: 'db', more: { db: `sqlite:${folder}/inbox.db` } };
}
