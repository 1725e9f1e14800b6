import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { type OptionReaders, read, refusal } from '../../transport/options.js';
import { pathIn, readNested } from './amqp.nested-options.js';
import { readAmqpName, readArguments } from './amqp.topology-values.js';

/** How messages are delayed. */
export interface DelayOptions {
  /** The exchange by which they get into the queues where they wait. @default 'delays' */
  readonly exchangeName: string;
  /**
   * How these queues are called; `%exchange_name%`, `%routing_key%` and `%delay%` are filled in.
   *
   * @default 'delay_%exchange_name%_%routing_key%_%delay%'
   */
  readonly queueNamePattern: string;
  /** Arguments of these queues, over those they have anyway. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** New queues each day, for those that cannot be kept by declaring them again. @default whether they are quorum queues */
  readonly dailyDelayQueues: boolean;
  /** `two-digits`: 5234 ms wait with 5300 ms, so that there are few queues; `exact`: a queue for each delay. @default 'two-digits' */
  readonly granularity: 'exact' | 'two-digits';
  /** `queues` where messages wait, or the plugin rabbitmq_delayed_message_exchange. @default 'queues' */
  readonly strategy: 'queues' | 'plugin';
}

const READERS: OptionReaders<DelayOptions> = {
  exchangeName: readExchangeName,
  queueNamePattern: readPattern,
  arguments: readArguments,
  dailyDelayQueues: read.boolean,
  granularity: read.oneOf('exact', 'two-digits'),
  strategy: read.oneOf('queues', 'plugin'),
};

/**
 * The option `delay`.
 *
 * @param sources what says it, the last one winning setting by setting.
 * @param exchangeName the exchange of the transport, which cannot be that of delays.
 */
export function resolveDelay(where: string, sources: readonly unknown[], exchangeName: string): DelayOptions {
  const place = { where, path: 'delay' };
  const said = Object.assign(
    {},
    ...sources.map((source) => readNested(place, source, READERS)),
  ) as Partial<DelayOptions>;
  const resolved: DelayOptions = {
    exchangeName: 'delays',
    queueNamePattern: 'delay_%exchange_name%_%routing_key%_%delay%',
    arguments: {},
    dailyDelayQueues: said.arguments?.['x-queue-type'] === 'quorum',
    granularity: 'two-digits',
    strategy: 'queues',
    ...said,
  };
  if (resolved.exchangeName === exchangeName) {
    const reason = `is "${exchangeName}", which is the exchange of the transport; delayed messages need one of their own`;
    throw new InvalidOptionError(where, pathIn(place, 'exchange_name'), reason);
  }
  return resolved;
}

function readExchangeName(value: unknown): string {
  return readAmqpName(read.text(value));
}

/** Queues of one name cannot have two times to wait. */
function readPattern(value: unknown): string {
  const pattern = read.text(value);
  if (!pattern.includes('%delay%')) {
    throw refusal('must contain "%delay%": messages with different delays cannot wait in one queue');
  }
  return pattern;
}
