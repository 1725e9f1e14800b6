import { amqpRig } from './amqp.rig.js';
import type { RigKind, RigTransport } from './chaos-rig.js';
import { mysqlRig } from './mysql.rig.js';
import { postgresRig } from './postgres.rig.js';
import { redisRig } from './redis.rig.js';
import { sqliteRig } from './sqlite.rig.js';

const KINDS: readonly RigKind[] = [sqliteRig, redisRig, amqpRig, postgresRig, mysqlRig];

/** The transports whose crashes are tried by every scenario. */
const USUAL: readonly RigTransport[] = ['sqlite', 'redis', 'amqp', 'postgres'];

/** The kinds of rigs of these transports. @default sqlite, redis, amqp, postgres */
export function rigs(...transports: readonly RigTransport[]): readonly RigKind[] {
  const wanted = transports.length === 0 ? USUAL : transports;
  return KINDS.filter(({ transport }) => wanted.includes(transport));
}
