import { MaybeSentError } from '../../errors/maybe-sent.error.js';
import { MessengerError } from '../../errors/messenger.error.js';
import { TransportFullError } from '../../errors/transport-full.error.js';
import { TransportError } from '../../errors/transport.error.js';
import { describeConnectionError, isVague, textOfError } from './redis.connection-errors.js';

/** What Redis begins an error with, and what it means to a user. */
const ADVICE: Readonly<Record<string, (server: string, text: string) => string>> = {
  NOAUTH: (server) =>
    `${server} wants a password. Add it to the DSN: "redis://:password@host" or "redis://user:password@host".`,
  WRONGPASS: (server) => `${server} does not accept the user name or the password of the DSN.`,
  NOPERM: (server, text) =>
    `the user has no permission for this on ${server}: ${text}. It needs the keys that begin with the name of the stream, ` +
    'and the commands that "docs/transports/redis.md" lists.',
  READONLY: (server) =>
    `${server} is a replica and takes no writes. Name the master in the DSN, or the Sentinels; after a failover this passes.`,
  LOADING: (server) => `${server} is still loading its data.`,
  MASTERDOWN: (server) => `${server} is a replica that has lost its master.`,
  CLUSTERDOWN: (server) => `the cluster of ${server} is down: some of its slots are served by nobody.`,
  CROSSSLOT: (server) => `${server} is a node of a cluster. Add "cluster=true" to the DSN.`,
  MOVED: (server) => `${server} is a node of a cluster. Add "cluster=true" to the DSN.`,
  MISCONF: (server, text) => `${server} takes no writes, because it cannot save its data: ${text}.`,
  WRONGTYPE: (server) =>
    `a key on ${server} that the transport needs holds something else. Choose another name for the stream, see ` +
    '"docs/transports/redis.md" for the names of the other keys.',
  NOGROUP: (server) =>
    `the stream or its consumer group does not exist on ${server}. Run the command "setup-transports", or leave "auto_setup" on.`,
  NOREPLICAS: (server) => `${server} has too few replicas to take writes ("min-replicas-to-write").`,
};

/** Redis 7.0 has no code for what a script may not do. */
const NOT_ALLOWED_IN_SCRIPT = /^ERR The user executing the script can't /;

/** What Redis begins its error with, such as `NOGROUP`; nothing if the error is not Redis's. */
export function redisCodeOf(error: unknown): string | undefined {
  const text = textOfError(error);
  if (NOT_ALLOWED_IN_SCRIPT.test(text)) {
    return 'NOPERM';
  }
  const code = /^-?([A-Z]{3,})(?: |$)/.exec(text)?.[1];
  // A script passes on the error of its command, behind a prefix before Redis 7.
  return code === 'ERR' ? (/: -?([A-Z]{4,}) /.exec(text)?.[1] ?? code) : code;
}

/**
 * A {@link TransportError} that says what to do about a driver's error. Errors of this package pass unchanged.
 *
 * @param server where, without secrets.
 * @param lastFailure why the last try to connect failed, if it did.
 */
export function toTransportError(
  transportName: string,
  server: string,
  error: unknown,
  lastFailure: unknown,
): MessengerError {
  if (error instanceof MessengerError) {
    return error;
  }
  // That the connection is gone says little; why it could not be opened again says more.
  const cause = withoutArguments(isVague(error) ? (lastFailure ?? error) : error);
  const code = redisCodeOf(cause);
  if (code === 'OOM') {
    const problem = `${server} is out of memory ("maxmemory") and stores nothing more.`;
    return new TransportFullError(
      transportName,
      `${problem} Handle what waits, or give it more memory. Its "maxmemory-policy" must be "noeviction".`,
      { cause },
    );
  }
  return new TransportError(transportName, describeError(server, code, cause), { cause });
}

/** A {@link TransportError} as one that says that the message may be stored. */
export function toMaybeSentError<E>(error: E): E | MaybeSentError {
  if (!(error instanceof TransportError) || error instanceof MaybeSentError) {
    return error;
  }
  const { transportName, message, cause } = error;
  return new MaybeSentError(transportName, message.slice(`Transport "${transportName}": `.length), { cause });
}

function describeError(server: string, code: string | undefined, cause: unknown): string {
  if (code === undefined) {
    return `${server} ${describeConnectionError(cause)}`;
  }
  const text = textOfError(cause).replace(/\.$/, '');
  const advice = ADVICE[code];
  if (advice !== undefined) {
    return advice(server, text);
  }
  if (text.includes('DB index is out of range')) {
    return `${server} does not have this database ("databases" in its configuration). Choose another "dbindex": ${text}.`;
  }
  return /unknown (command|subcommand)|syntax error/i.test(text)
    ? `${server} does not know a command that the transport needs: ${text}. It needs Redis 6.2 or later, or Valkey.`
    : `${server} refused a command: ${text}.`;
}

/** ioredis adds the command to an error; its arguments may be a password, or a message that nobody wants in a log. */
function withoutArguments(error: unknown): unknown {
  const { command } = (error ?? {}) as { command?: { readonly name?: unknown } };
  return command === undefined ? error : Object.assign(error as object, { command: { name: command.name } });
}
