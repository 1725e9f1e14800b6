import { amqpRig } from './amqp.rig.js';
import type { RigKind, RigTransport } from './chaos-rig.js';
import { inMemoryRig } from './in-memory.rig.js';
import { mysqlRig } from './mysql.rig.js';
import { postgresRig } from './postgres.rig.js';
import { redisRig } from './redis.rig.js';
import { sqliteRig } from './sqlite.rig.js';

const KINDS: readonly RigKind[] = [inMemoryRig, sqliteRig, redisRig, amqpRig, postgresRig, mysqlRig];

/** The transports whose messages outlive their process. */
const LASTING: readonly RigTransport[] = ['sqlite', 'redis', 'amqp', 'postgres', 'mysql'];

/** The kinds of rigs of these transports. @default all whose messages outlive their process */
export function rigs(...transports: readonly RigTransport[]): readonly RigKind[] {
  const wanted = transports.length === 0 ? LASTING : transports;
  return KINDS.filter(({ transport }) => wanted.includes(transport));
}

/** The kinds of rigs of all transports, for scenarios in which no process ends. */
export function allRigs(): readonly RigKind[] {
  return KINDS;
}
