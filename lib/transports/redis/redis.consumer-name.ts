import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { read, refusal } from '../../transport/options.js';

/** The consumer under whose name messages wait that were handed back. No worker has it. */
export const RELEASED_CONSUMER = '(released)';

/** The environment variable that names the consumers of a process for which nothing else does. */
export const CONSUMER_NAME_VARIABLE = 'MESSENGER_CONSUMER_NAME';

/** What a consumer name may be made of. */
export interface ConsumerEnvironment {
  readonly env: NodeJS.ProcessEnv;
  readonly hostname: string;
  readonly pid: number;
  /** Unlike that of any other process. */
  readonly random: string;
}

/** Under which name a transport reads. */
export interface ConsumerName {
  readonly consumer: string;
  /** Somebody chose the name, so that it outlives the process; otherwise it was made unique. */
  readonly isConsumerNamed: boolean;
  /**
   * The configuration itself holds the name, so that all processes have the same: it is neither the host's name nor what any
   * environment variable says.
   */
  readonly isConsumerFixed: boolean;
}

/** The longest name of a stream, a group or a consumer, in bytes of UTF-8. */
const MAX_BYTES = 256;

const CONTROL_CHARACTER = /\p{Cc}/u;

/** `%env(NAME)%`, `%(process_num)s`, `${NAME}`, `$(hostname)`, `$NAME`, `{hostname}`, `{{ name }}`. */
const PLACEHOLDER =
  /%env\([^)]*\)%?|%\(\w+\)\d*[a-z]?|\$\{[^}]*\}?|\$\([^)]*\)?|\$[A-Z_]{2,}|\{\{?\s*\.?[A-Za-z_][\w.]*\s*\}?\}/;

/** Of this process. `random` differs from call to call. */
export function currentEnvironment(): ConsumerEnvironment {
  return { env: process.env, hostname: hostname(), pid: process.pid, random: randomBytes(4).toString('hex') };
}

/** Reads the name of a stream or of a group. Throws a text that completes `option "x" …`. */
export function readName(value: unknown): string {
  const name = read.text(value);
  if (CONTROL_CHARACTER.test(name)) {
    throw refusal(`must not have control characters, got ${JSON.stringify(name.slice(0, MAX_BYTES))}`);
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_BYTES) {
    throw refusal(`must not be longer than ${MAX_BYTES} bytes, got ${bytes}`);
  }
  return name;
}

/** Reads the name of a consumer. Throws a text that completes `option "x" …`. */
export function readConsumerName(value: unknown): string {
  const name = readName(value);
  const placeholder = PLACEHOLDER.exec(name)?.[0];
  if (placeholder !== undefined) {
    throw refusal(
      `has "${placeholder}", which nothing has filled in; leave the option out and set the environment variable ` +
        `${CONSUMER_NAME_VARIABLE}, or write consumer: process.env.NAME in the options of the transport`,
    );
  }
  if (name === RELEASED_CONSUMER) {
    throw refusal(`must not be "${RELEASED_CONSUMER}", which is where messages wait that were handed back`);
  }
  return name;
}

/**
 * The consumer name of a transport: `chosen` in its options or its DSN, else `MESSENGER_CONSUMER_NAME`, else
 * `<host>-<pid>-<random>`.
 *
 * @throws InvalidOptionError when the environment variable holds no usable name.
 */
export function resolveConsumerName(
  transportName: string,
  chosen: string | undefined,
  { env, hostname: host, pid, random }: ConsumerEnvironment,
): ConsumerName {
  if (chosen !== undefined) {
    const isConsumerFixed = chosen !== host && !Object.values(env).includes(chosen);
    return { consumer: chosen, isConsumerNamed: true, isConsumerFixed };
  }
  // An empty variable is what `NAME=` in a unit or a compose file leaves behind.
  const fromEnvironment = env[CONSUMER_NAME_VARIABLE];
  if (fromEnvironment === undefined || fromEnvironment.trim() === '') {
    return { consumer: `${host}-${pid}-${random}`, isConsumerNamed: false, isConsumerFixed: false };
  }
  try {
    return { consumer: readConsumerName(fromEnvironment), isConsumerNamed: true, isConsumerFixed: false };
  } catch (error) {
    const reason = `(from the environment variable ${CONSUMER_NAME_VARIABLE}) ${(error as Error).message}`;
    throw new InvalidOptionError(`Transport "${transportName}"`, 'consumer', reason);
  }
}
