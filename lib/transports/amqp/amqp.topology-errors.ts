import { TransportError } from '../../errors/transport.error.js';
import { brokerTextOf, codeOf, textOfError } from './amqp.connection-errors.js';

/** What was to be declared, bound or found when the broker refused. */
export type AmqpSubject =
  | { readonly kind: 'exchange' | 'queue'; readonly name: string; readonly passive: boolean }
  /** An exchange from which that of the transport gets messages. */
  | { readonly kind: 'source'; readonly name: string }
  | { readonly kind: 'delay-exchange'; readonly name: string }
  | { readonly kind: 'delay-queue'; readonly name: string }
  /** What a delayed message is for. */
  | { readonly kind: 'target'; readonly name: string };

/** Where this happened. */
export interface AmqpPlace {
  readonly transportName: string;
  /** Without secrets. */
  readonly server: string;
  readonly vhost: string;
  readonly autoSetup: boolean;
}

/** What RabbitMQ says of an argument that differs from that of an existing object. */
export interface AmqpDifference {
  /** `x-message-ttl`, `durable`, `type`, … */
  readonly argument: string;
  /** What was asked for; nothing if it was left out. */
  readonly wanted: string | undefined;
  /** What the object has; nothing if it has none. */
  readonly current: string | undefined;
}

const DIFFERENCE =
  /inequivalent arg '(?<argument>[^']*)' ?for .*: received (?<wanted>.*) but current is (?<current>.*?)$/s;

const MISSING = /^no (?<kind>exchange|queue) '(?<name>.*)' in vhost/s;

const UNKNOWN_TYPE = /unknown exchange type '(?<type>[^']*)'/;

/** The argument that differs, as RabbitMQ's text for PRECONDITION_FAILED tells it; nothing if it is about something else. */
export function differenceIn(text: string): AmqpDifference | undefined {
  const { argument, wanted, current } = DIFFERENCE.exec(text)?.groups ?? {};
  return argument === undefined || wanted === undefined || current === undefined
    ? undefined
    : { argument, wanted: valueIn(wanted), current: valueIn(current) };
}

/** Whether what was declared or used does not exist. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 404;
}

/**
 * Says what to do when the broker refused a declaration: which argument differs and how to get to the new one, or what is missing
 * and who makes it. Returns nothing for what is no matter of declarations, such as a lost connection or a missing permission.
 */
export function toTopologyError(
  place: AmqpPlace,
  subject: AmqpSubject,
  error: unknown,
): TransportError | undefined {
  const text = brokerTextOf(textOfError(error));
  const what = describe(place, subject, error, text);
  return what === undefined ? undefined : new TransportError(place.transportName, what, { cause: error });
}

function describe(place: AmqpPlace, subject: AmqpSubject, error: unknown, text: string): string | undefined {
  const code = codeOf(error);
  const type = UNKNOWN_TYPE.exec(text)?.groups?.['type'];
  if (type !== undefined) {
    return describeUnknownType(place, type);
  }
  if (code === 404) {
    return describeMissing(place, subject, text);
  }
  if (code === 406) {
    const difference = differenceIn(text);
    return difference === undefined
      ? `${place.server} refuses ${nameOf(subject)}: ${text}. Correct ${optionOf(subject)}.`
      : describeDifference(place, subject, difference);
  }
  // The driver encodes before it sends, so these say which value AMQP cannot represent.
  return error instanceof TypeError || error instanceof RangeError
    ? `${nameOf(subject)} cannot be declared: ${text}. Correct ${optionOf(subject)}.`
    : undefined;
}

function describeUnknownType({ server }: AmqpPlace, type: string): string {
  return type === 'x-delayed-message'
    ? `${server} has no plugin for delayed messages. Enable it (rabbitmq-plugins enable rabbitmq_delayed_message_exchange), or set ` +
        '"delay[strategy]" to "queues".'
    : `${server} knows no exchanges of type "${type}". Known are "fanout", "direct", "topic" and "headers"; others come with a plugin ` +
        '(rabbitmq-plugins list). Correct "exchange[type]".';
}

function describeMissing(place: AmqpPlace, subject: AmqpSubject, text: string): string {
  const { kind, name } = MISSING.exec(text)?.groups ?? {};
  const what =
    kind === undefined || name === undefined ? `${nameOf(subject)} (${text})` : `the ${kind} "${name}"`;
  return `${what} does not exist on ${place.server}. ${adviceForMissing(place, subject, name)}`;
}

function adviceForMissing({ autoSetup }: AmqpPlace, subject: AmqpSubject, name: string | undefined): string {
  if (subject.kind === 'source' && subject.name === name) {
    return 'The option "exchange[bindings]" names it. Create it, or run the command "setup-transports" for the transport it belongs to.';
  }
  if ((subject.kind === 'exchange' || subject.kind === 'queue') && subject.passive && subject.name === name) {
    return `It is passive, so this transport does not create it. Create it, or leave "passive" out of ${optionOf(subject)}.`;
  }
  const lost =
    subject.kind === 'target' ? 'The message was not sent: it would be lost when its delay is over. ' : '';
  return autoSetup
    ? `${lost}Create it, or give it to this transport under "queues".`
    : `${lost}Run the command "setup-transports", or leave "auto_setup" on.`;
}

function describeDifference(
  place: AmqpPlace,
  subject: AmqpSubject,
  { argument, wanted, current }: AmqpDifference,
): string {
  const problem =
    `${nameOf(subject)} exists on ${place.server} with another "${argument}": it has ${current ?? 'none'}, ` +
    `and ${wanted ?? 'none'} is asked for.`;
  return `${problem} ${migrationOf(place, subject, argument)}`;
}

/** RabbitMQ changes no argument of what exists. Deleting it may lose messages, so that is left to people. */
function migrationOf({ vhost }: AmqpPlace, subject: AmqpSubject, argument: string): string {
  const { kind, name } = subject;
  const unchanged = 'RabbitMQ changes nothing that exists, and nothing is deleted for you.';
  if (kind === 'delay-queue') {
    return (
      `${unchanged} Set "delay[queue_name_pattern]" to another pattern: new messages wait in new queues then, and what waits in this one ` +
      'still arrives. Left alone, the queue goes by itself after its last message. If nobody has changed "delay[arguments]", two ' +
      'exchanges or routing keys give queues of one name: keep them apart by the pattern.'
    );
  }
  if (kind === 'delay-exchange') {
    return `${unchanged} Set "delay[exchange_name]" to another name; what waits in delay queues still arrives.`;
  }
  if (kind === 'queue') {
    return (
      `${unchanged} Either go back to what it has (${settingOf(subject, argument)}); or name a new queue under "queues", and consume this ` +
      'one too until it is empty; or delete it when it is empty ' +
      `(rabbitmqctl delete_queue -p ${vhost} ${name}), and run the command "setup-transports".`
    );
  }
  return (
    `${unchanged} Either go back to what it has (${settingOf(subject, argument)}); or choose another "exchange[name]"; or delete the ` +
    'exchange, which holds no messages but loses its bindings, and run the command "setup-transports".'
  );
}

function nameOf({ kind, name }: AmqpSubject): string {
  switch (kind) {
    case 'exchange':
    case 'source':
      return `the exchange "${name}"`;
    case 'queue':
      return `the queue "${name}"`;
    case 'delay-exchange':
      return `the exchange "${name}" for delays`;
    case 'delay-queue':
      return `the delay queue "${name}"`;
    case 'target':
      return `"${name}"`;
  }
}

function optionOf({ kind, name }: AmqpSubject): string {
  switch (kind) {
    case 'queue':
      return `"queues[${name}]"`;
    case 'source':
      return `"exchange[bindings][${name}]"`;
    case 'delay-exchange':
    case 'delay-queue':
      return '"delay"';
    case 'exchange':
    case 'target':
      return '"exchange"';
  }
}

/** The option that says an argument. RabbitMQ's own properties are options of their own, in the same words. */
function settingOf(subject: AmqpSubject, argument: string): string {
  const isProperty = ['type', 'durable', 'auto_delete', 'internal', 'exclusive'].includes(argument);
  const path = optionOf(subject).slice(1, -1);
  return isProperty ? `"${path}[${argument}]"` : `"${path}[arguments][${argument}]"`;
}

/** RabbitMQ writes `none`, `'true'`, or `the value '5' of type 'signedint'`. */
function valueIn(text: string): string | undefined {
  return text === 'none'
    ? undefined
    : (/^(?:the value )?'(.*?)'(?: of type '\w+')?$/s.exec(text)?.[1] ?? text);
}
