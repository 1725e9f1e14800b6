import { TransportFullError } from '../../errors/transport-full.error.js';
import { TransportError } from '../../errors/transport.error.js';
import { AmqpBlockedError } from './amqp.blocked.error.js';
import {
  brokerTextOf,
  codeOf,
  describeConnectionError,
  isVague,
  textOfError,
} from './amqp.connection-errors.js';

/** What the reply codes of RabbitMQ mean to a user. */
const ADVICE: Readonly<Record<number, (server: string, text: string) => string>> = {
  311: (server, text) => `the message is too large for ${server}: ${text}.`,
  320: (server, text) =>
    `${server} has closed the connection (${text}): it is shutting down, or an administrator did it.`,
  403: (server, text) =>
    `the user has no permission for this on ${server}: ${text}. Grant it: rabbitmqctl set_permissions -p VHOST NAME CONFIGURE WRITE ` +
    'READ; "configure" may be left out with "auto_setup" off.',
  404: (server, text) =>
    `something does not exist on ${server}: ${text}. Run the command "setup-transports", or leave "auto_setup" on.`,
  405: (server, text) =>
    `${server} keeps a queue for another connection: ${text}. Only one process at a time may use an exclusive queue.`,
  501: (server, text) =>
    `${server} does not understand what it was sent (${text}). Leave "frame_max" to its default.`,
  503: (server, text) =>
    `${server} does not know this: ${text}. If it is a type of exchange, enable its plugin: rabbitmq-plugins enable NAME.`,
  530: (server, text) =>
    `${server} does not allow this: ${text}. See the limits of the virtual host and of the user: rabbitmqctl list_vhost_limits -p VHOST.`,
  540: (server, text) => `${server} does not support this: ${text}.`,
  541: (server, text) => `${server} has failed: ${text}. Its log says more.`,
};

const PRECONDITIONS: ReadonlyArray<
  readonly [pattern: RegExp, describe: (server: string, text: string) => string]
> = [
  [
    /inequivalent arg/,
    (server, text) =>
      `a queue or exchange exists on ${server} with other arguments: ${text}. They cannot be changed: give the arguments it has, choose ` +
      'another name, or delete it when it is empty.',
  ],
  [
    /acknowledgement on channel|consumer_timeout|timed out/,
    (server, text) =>
      `a message was held for too long without being settled, so ${server} took it back: ${text}. Let the handler end sooner, or raise ` +
      '"consumer_timeout" in its configuration.',
  ],
  [
    /larger than|max size/,
    (server, text) =>
      `the message is too large for ${server}: ${text}. Raise "max_message_size" in its configuration, or send less.`,
  ],
];

/**
 * A {@link TransportError} that says what to do about an error of the driver. Errors of transports pass unchanged.
 *
 * @param server where, without secrets.
 * @param lastFailure why the connection was lost, or why the last try to connect failed, if it is not there.
 */
export function toTransportError(
  transportName: string,
  server: string,
  error: unknown,
  lastFailure: unknown,
): TransportError {
  if (error instanceof TransportError) {
    return error;
  }
  if (error instanceof AmqpBlockedError) {
    return new TransportFullError(
      transportName,
      `${server} is blocked: ${error.message}. Let workers handle what waits, or give it more memory or disk; see: rabbitmqctl status.`,
      { cause: error },
    );
  }
  if (!isVague(error)) {
    return new TransportError(transportName, describe(server, error), { cause: error });
  }
  // That a channel is closed says little; why its connection was lost says more.
  const what =
    lastFailure === undefined ? `a channel to ${server} was closed.` : describe(server, lastFailure);
  return new TransportError(
    transportName,
    `${what} What had been sent on it before may have been carried out.`,
    { cause: lastFailure ?? error },
  );
}

function describe(server: string, cause: unknown): string {
  const code = codeOf(cause);
  if (typeof code !== 'number') {
    return `${server} ${describeConnectionError(cause)}`;
  }
  const text = brokerTextOf(textOfError(cause));
  const known = code === 406 ? PRECONDITIONS.find(([pattern]) => pattern.test(text))?.[1] : ADVICE[code];
  return known?.(server, text) ?? `${server} refused a command (${code}): ${text}.`;
}
