import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { type OptionReaders, read } from '../../transport/options.js';
import { isRecord, pathIn, placeIn, readAt, readNested, readRecord } from './amqp.nested-options.js';
import {
  type Flag,
  readAmqpName,
  readArguments,
  readFlags,
  readKeys,
  resolveFlags,
  type SaidFlags,
} from './amqp.topology-values.js';

/** One of the queues a transport consumes. */
export interface QueueOptions {
  /** By which keys it is bound to the exchange; none: it is not bound. @default one that is empty */
  readonly bindingKeys: readonly string[];
  readonly bindingArguments: Readonly<Record<string, unknown>>;
  /** `x-queue-type` and the like. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** It survives a restart of RabbitMQ. @default true */
  readonly durable: boolean;
  /** Only the connection that declared it may use it, and it goes with that connection. @default false */
  readonly exclusive: boolean;
  /** It goes with its last consumer. @default false */
  readonly autoDelete: boolean;
  /** It must be there already: it is looked for, and not created. @default false */
  readonly passive: boolean;
}

interface SaidQueue extends SaidFlags {
  readonly bindingKeys: readonly string[];
  readonly bindingArguments: Readonly<Record<string, unknown>>;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What one source says: nothing, that there are none, that there is the usual one, or which. */
type SaidQueues = 'none' | 'default' | Readonly<Record<string, unknown>>;

const QUEUE_FLAGS = ['durable', 'exclusive', 'autoDelete', 'passive'] as const satisfies readonly Flag[];

const READERS: OptionReaders<Omit<SaidQueue, 'internal'>> = {
  bindingKeys: readKeys,
  bindingArguments: readRecord,
  flags: readFlags(QUEUE_FLAGS),
  durable: read.boolean,
  exclusive: read.boolean,
  autoDelete: read.boolean,
  passive: read.boolean,
  arguments: readArguments,
};

/**
 * The option `queues`.
 *
 * @param sources what says it, the last one winning: queue by queue and setting by setting, unless it says that there are none.
 * @param defaultName the only queue, if nothing says which there are.
 * @param isDefaultExchange whether the transport publishes to the default exchange, to which nothing can be bound.
 */
export function resolveQueues(
  where: string,
  sources: readonly unknown[],
  defaultName: string,
  isDefaultExchange: boolean,
): ReadonlyMap<string, QueueOptions> {
  const said = sources.map((source) => saidOf(where, source));
  const last = said.at(-1) ?? 'default';
  if (last === 'none') {
    return new Map();
  }
  const named = said.filter((one) => typeof one === 'object');
  const lists = last === 'default' || named.length === 0 ? [{ [defaultName]: {} }] : named;
  const names = [...new Set(lists.flatMap((list) => Object.keys(list)))];
  return new Map(
    names.map((name) => {
      const settings = lists.map((list) => list[name]);
      return [name, resolveQueue(where, name, settings, isDefaultExchange)];
    }),
  );
}

function saidOf(where: string, value: unknown): SaidQueues {
  if (Array.isArray(value)) {
    return value.length === 0 ? 'none' : byName(where, value);
  }
  if (isRecord(value)) {
    return Object.keys(value).length === 0 ? 'none' : value;
  }
  try {
    return value !== '' && read.boolean(value) ? 'default' : 'none';
  } catch {
    const reason =
      'must be an object of queues by name, a list of names, or false for none; in a DSN, write "queues[orders]"';
    throw new InvalidOptionError(where, 'queues', reason);
  }
}

function byName(where: string, names: readonly unknown[]): SaidQueues {
  const place = { where, path: 'queues' };
  return Object.fromEntries(
    names.map((name, index) => [readAt(place, String(index), () => read.text(name)), {}]),
  );
}

function resolveQueue(
  where: string,
  name: string,
  settings: readonly unknown[],
  isDefaultExchange: boolean,
): QueueOptions {
  const place = placeIn({ where, path: 'queues' }, name);
  if (name === '') {
    throw new InvalidOptionError(where, 'queues', 'has a queue without a name');
  }
  readAt({ where, path: 'queues' }, name, () => readAmqpName(name));
  // Symfony takes whatever is no array for a queue without settings.
  const objects = settings.map((value) => (isNothing(value) ? {} : value));
  const said = Object.assign(
    {},
    ...objects.map((value) => readNested(place, value, READERS)),
  ) as Partial<SaidQueue>;
  if (isDefaultExchange && (said.bindingKeys?.length ?? 0) > 0) {
    const reason =
      'cannot be used with the default exchange, which delivers to the queue that the routing key names; leave it out';
    throw new InvalidOptionError(where, pathIn(place, 'binding_keys'), reason);
  }
  return {
    bindingKeys: said.bindingKeys ?? (isDefaultExchange ? [] : ['']),
    bindingArguments: said.bindingArguments ?? {},
    arguments: said.arguments ?? {},
    ...resolveFlags(place, said, QUEUE_FLAGS),
  };
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}
