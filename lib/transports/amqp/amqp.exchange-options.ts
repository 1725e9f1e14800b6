import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { type OptionReaders, read } from '../../transport/options.js';
import { type NestedPlace, pathIn, placeIn, readNested, readRecord } from './amqp.nested-options.js';
import {
  type Flag,
  readAmqpName,
  readAnyText,
  readArguments,
  readFlags,
  readKeys,
  resolveFlags,
  type SaidFlags,
} from './amqp.topology-values.js';

/** By which keys, and with which arguments, something is bound to an exchange. */
export interface BindingOptions {
  /** @default one that is empty */
  readonly bindingKeys: readonly string[];
  readonly bindingArguments: Readonly<Record<string, unknown>>;
}

/** The exchange a transport publishes to. */
export interface ExchangeOptions {
  /** Empty: the default exchange, which cannot be declared and delivers to the queue that the routing key names. */
  readonly name: string;
  /** `fanout`, `direct`, `topic`, `headers`, or what a plugin brings. @default 'fanout' */
  readonly type: string;
  /** It survives a restart of RabbitMQ. @default true */
  readonly durable: boolean;
  /** It goes with the last thing bound to it. @default false */
  readonly autoDelete: boolean;
  /** Only other exchanges may publish to it. @default false */
  readonly internal: boolean;
  /** It must be there already: it is looked for, and not created. @default false */
  readonly passive: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Of messages whose `AmqpStamp` has none. @default none, which is empty */
  readonly defaultPublishRoutingKey?: string;
  /** Exchanges whose messages it gets, by their name. */
  readonly bindings: Readonly<Record<string, BindingOptions>>;
}

interface SaidExchange extends SaidFlags {
  readonly name: string;
  readonly type: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly defaultPublishRoutingKey: string;
  readonly bindings: Readonly<Record<string, unknown>>;
}

const EXCHANGE_FLAGS = ['durable', 'autoDelete', 'internal', 'passive'] as const satisfies readonly Flag[];

const READERS: OptionReaders<Omit<SaidExchange, 'exclusive'>> = {
  name: readAmqpName,
  type: read.text,
  defaultPublishRoutingKey: readAnyText,
  flags: readFlags(EXCHANGE_FLAGS),
  durable: read.boolean,
  autoDelete: read.boolean,
  internal: read.boolean,
  passive: read.boolean,
  arguments: readArguments,
  bindings: readRecord,
};

const BINDING_READERS: OptionReaders<BindingOptions> = {
  bindingKeys: readKeys,
  bindingArguments: readRecord,
};

/**
 * The option `exchange`.
 *
 * @param sources what says it, the last one winning setting by setting.
 * @param pathName the exchange that the path of the DSN names, if it does.
 */
export function resolveExchange(
  where: string,
  sources: readonly unknown[],
  pathName: string | undefined,
): ExchangeOptions {
  const place = { where, path: 'exchange' };
  const said = Object.assign(
    {},
    ...sources.map((source) => readNested(place, source, READERS)),
  ) as Partial<SaidExchange>;
  const name = said.name ?? pathName ?? 'messages';
  const { bindings = {}, defaultPublishRoutingKey } = said;
  if (name === '' && Object.keys(bindings).length > 0) {
    const reason = 'cannot be used with the default exchange (an empty name), which nothing can be bound to';
    throw new InvalidOptionError(where, pathIn(place, 'bindings'), reason);
  }
  return {
    name,
    type: said.type ?? 'fanout',
    ...resolveFlags(place, said, EXCHANGE_FLAGS),
    arguments: said.arguments ?? {},
    ...(defaultPublishRoutingKey !== undefined && { defaultPublishRoutingKey }),
    bindings: resolveBindings(placeIn(place, 'bindings'), bindings),
  };
}

function resolveBindings(
  place: NestedPlace,
  bindings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, BindingOptions>> {
  const resolved = Object.entries(bindings).map(([source, value]) => {
    const { bindingKeys = [''], bindingArguments = {} } = readNested(
      placeIn(place, source),
      value === '' || value === null ? {} : value,
      BINDING_READERS,
    );
    return [source, { bindingKeys, bindingArguments }] as const;
  });
  return Object.fromEntries(resolved);
}
