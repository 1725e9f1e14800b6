import { resolve } from 'node:path';
import { InvalidDsnError } from '../../../errors/invalid-dsn.error.js';
import type { Dsn } from '../../../transport/dsn.js';
import { read, refusal, resolveOptions, type OptionReaders } from '../../../transport/options.js';
import { SQLITE_DRIVERS, type SqliteDriverName } from './sqlite.driver.js';

/** The longest a Node.js timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options of a `sqlite:` transport: camelCase in code, snake_case in the DSN's query. */
export interface SqliteOptions {
  /** The table that holds the messages. @default 'messenger_messages' */
  readonly tableName: string;
  /** The queue within the table. Transports with different queues share a table. @default 'default' */
  readonly queueName: string;
  /** Create and upgrade the table on first use; otherwise `setup-transports` has to. @default true */
  readonly autoSetup: boolean;
  /**
   * How long a claim lasts without a sign of life, in seconds: after a crash, the message is handed out again this much
   * later. Workers prolong the claim of a running handler, so it may be shorter than handlers run. @default 60
   */
  readonly redeliverTimeout: number;
  /** How often to look for messages although nothing announced any, in milliseconds; at least 500. @default 1000 */
  readonly pollInterval: number;
  /** How long to wait for another process's write to end, in milliseconds. @default 5000 */
  readonly busyTimeout?: number;
  /**
   * When a commit is written through to the disk. `full`: always, so that it survives a power loss. `normal`: at
   * checkpoints; it survives a crash of the process, but a power loss may undo the last commits. @default 'normal'
   */
  readonly synchronous?: 'normal' | 'full';
  /** The driver to use. @default the first that is there, of the order in `SQLITE_DRIVERS` */
  readonly driver?: SqliteDriverName;
}

/** The options that concern the connection, which all transports on one file share. */
export type SqliteConnectionOptions = Pick<SqliteOptions, 'busyTimeout' | 'synchronous' | 'driver'>;

/** Where a transport keeps its messages, and how. */
export interface ResolvedSqliteOptions extends SqliteOptions {
  /** Absolute path, or `:memory:`. */
  readonly file: string;
}

/** The file name that stands for a database in memory, shared by the transports of one application. */
export const IN_MEMORY = ':memory:';

const DEFAULTS: SqliteOptions = {
  tableName: 'messenger_messages',
  queueName: 'default',
  autoSetup: true,
  redeliverTimeout: 60,
  pollInterval: 1000,
};

const READERS: OptionReaders<SqliteOptions> = {
  tableName: tableNameOf,
  queueName: read.text,
  autoSetup: read.boolean,
  redeliverTimeout: read.number(0.1),
  pollInterval: read.number(500, MAX_TIMER_MS),
  busyTimeout: (value) => Math.round(read.number(0, MAX_TIMER_MS)(value)),
  synchronous: read.oneOf('normal', 'full'),
  driver: read.oneOf(...SQLITE_DRIVERS),
};

/**
 * The options of the transport `transportName`: `options` over the DSN's query over the defaults.
 *
 * @throws InvalidDsnError for a DSN without a path; UnknownOptionError, InvalidOptionError for what is wrong in the options.
 */
export function resolveSqliteOptions(
  transportName: string,
  dsn: Dsn,
  options: Readonly<Record<string, unknown>> = {},
): ResolvedSqliteOptions {
  return {
    ...resolveOptions(transportName, dsn, options, READERS, DEFAULTS),
    file: fileOf(transportName, dsn),
  };
}

/** `sqlite:var/a.db`, `sqlite:/var/a.db`, `sqlite:///var/a.db`, `sqlite::memory:`. */
function fileOf(transportName: string, dsn: Dsn): string {
  const fail = (reason: string, options?: ErrorOptions): never => {
    throw new InvalidDsnError(transportName, dsn.toString(), reason, options);
  };
  let path = dsn.rest;
  try {
    path = decodeURIComponent(path);
  } catch (error) {
    fail('its path has a broken "%" escape; write a percent sign as "%25"', { cause: error });
  }
  if (path.startsWith('//')) {
    path = path.startsWith('///')
      ? path.slice(2)
      : fail('a file has no host; write "sqlite:path/to/file.db" or "sqlite:///absolute/path.db"');
  }
  if (path === '' || path.endsWith('/') || path.includes('\0')) {
    fail('it names no file; write "sqlite:path/to/file.db" or "sqlite::memory:"');
  }
  return path === IN_MEMORY ? path : resolve(path);
}

function tableNameOf(value: unknown): string {
  const name = read.text(value);
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name) || /^(sqlite|nestjs_messenger)_/i.test(name)) {
    throw refusal(
      'must be a name of letters, digits and "_", 63 at most, that begins with neither a digit nor "sqlite_" nor ' +
        `"nestjs_messenger_", got "${name}"`,
    );
  }
  return name;
}
