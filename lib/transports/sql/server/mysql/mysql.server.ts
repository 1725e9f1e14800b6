import { MysqlVersionError } from './mysql.version-error.js';

/** What is known of a server, from each connection that is made to it. */
export interface MysqlServer {
  /** Whether a DELETE can say what it deleted, and an INSERT what it inserted. Only MariaDB can. */
  readonly isMariaDb: boolean;
  /** `max_allowed_packet`: the most bytes of one packet of statements. */
  readonly maxPacket: number;
  /** `auto_increment_increment`: how far apart the ids are that one statement makes. */
  readonly idStep: number;
}

/** Asks for what {@link readServer} reads. */
export const SERVER_SQL =
  'SELECT VERSION() AS version, @@max_allowed_packet AS max_packet, @@auto_increment_increment AS id_step';

/** The first versions that have SKIP LOCKED: without it, consumers would wait for each other. */
const NEEDED = { mariaDb: [10, 6, 0], mysql: [8, 0, 1] } as const;

/** @throws MysqlVersionError when the server is too old. */
export function readServer(row: Readonly<Record<string, unknown>>): MysqlServer {
  const version = String(row['version']);
  const isMariaDb = /mariadb/i.test(version);
  if (!isAtLeast(numbersOf(version), isMariaDb ? NEEDED.mariaDb : NEEDED.mysql)) {
    throw new MysqlVersionError(version);
  }
  return { isMariaDb, maxPacket: Number(row['max_packet']), idStep: Number(row['id_step']) };
}

/** MariaDB may call itself `5.5.5-10.6.12-MariaDB`, for old replicas. */
function numbersOf(version: string): readonly number[] {
  const [, numbers = ''] = /^(?:5\.5\.5-)?(\d+(?:\.\d+)*)/.exec(version) ?? [];
  return numbers.split('.').map(Number);
}

function isAtLeast(version: readonly number[], needed: readonly number[]): boolean {
  const differing = needed.findIndex((number, index) => (version[index] ?? 0) !== number);
  return differing === -1 || (version[differing] ?? 0) > (needed[differing] ?? 0);
}
