import { TransportError } from '../../errors/transport.error.js';
import { isVague } from './amqp.connection-errors.js';
import { AmqpDeclarations } from './amqp.declarations.js';
import { delayQueueOf, longestDelayOf } from './amqp.delays.js';
import type { AmqpChannel, AmqpTable } from './amqp.driver.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { AmqpSession } from './amqp.session.js';
import { type AmqpSubject, isMissing, toTopologyError } from './amqp.topology-errors.js';

/** Where a message ends up: the exchange of the transport, with a routing key, or one queue. */
export type AmqpTarget =
  | { readonly kind: 'exchange'; readonly routingKey: string }
  | { readonly kind: 'queue'; readonly queue: string };

/** What a message is published to. */
export interface AmqpAddress {
  /** Empty: the default exchange. */
  readonly exchange: string;
  readonly routingKey: string;
  /** To be added to those of the message: what the plugin for delayed messages reads. It returns all that is `mandatory`. */
  readonly headers?: AmqpTable;
  /**
   * Until when it holds, by `performance.now()`; later, ask for it anew. RabbitMQ deletes a delay queue that was not declared for a
   * time, with its messages.
   */
  readonly until?: number;
}

/** What a topology tells the time by. */
export interface AmqpTopologyTime {
  /** The current epoch in milliseconds. */
  now(): number;
  /** A clock that is never set, in milliseconds. */
  elapsed(): number;
}

/** The longest delay the plugin takes, in milliseconds; it delivers at once what has a longer one. */
const LONGEST_PLUGIN_DELAY_MS = 2 ** 32 - 1;

/** The key under which the exchange, the queues and their bindings are declared. */
const OBJECTS = 'objects';

const systemTime: AmqpTopologyTime = { now: () => Date.now(), elapsed: () => performance.now() };

/**
 * The exchanges, queues and bindings of one transport.
 *
 * A delayed message is published to the exchange for delays, which passes it to a delay queue: one for each routing key and delay.
 * Nobody consumes from it, so the message expires there, and the queue passes it on: to the exchange of the transport, or, if it is
 * a retry, to the queue it came from.
 *
 * RabbitMQ deletes a delay queue some seconds after its last message was due. It counts from when the queue was declared last, not
 * from the last message, so a queue is declared again before half of these seconds have gone.
 */
export class AmqpTopology {
  readonly #session: AmqpSession;
  readonly #options: ResolvedAmqpOptions;
  readonly #declarations: AmqpDeclarations;
  readonly #time: AmqpTopologyTime;

  constructor(session: AmqpSession, options: ResolvedAmqpOptions, time: AmqpTopologyTime = systemTime) {
    this.#session = session;
    this.#options = options;
    this.#time = time;
    this.#declarations = new AmqpDeclarations(session, () => time.elapsed());
  }

  /**
   * Declares the exchange, the queues and their bindings, once for each connection; nothing if `auto_setup` is off.
   *
   * @throws TransportError when the broker refuses, such as for a queue that exists with other arguments.
   */
  async ensure(): Promise<void> {
    if (!this.isEnsured) {
      await this.#declareObjects();
    }
  }

  /** Whether {@link ensure} has nothing to do. */
  get isEnsured(): boolean {
    return !this.#options.autoSetup || this.#declarations.has(OBJECTS);
  }

  /**
   * Declares all that can be known in advance, whatever `auto_setup` says.
   *
   * @throws TransportError like {@link ensure}.
   */
  async setup(): Promise<void> {
    this.forget();
    await this.#declareObjects();
    await this.#declareDelays();
  }

  /** A queue or an exchange turned out to be gone: everything is declared again when it is next needed. */
  forget(): void {
    this.#declarations.forget();
  }

  /**
   * Where to publish what is to arrive at `target` after `delay` milliseconds. Declares what it needs on the way.
   *
   * @throws TransportError when the broker refuses, when the target does not exist, or when the delay is too long.
   */
  async delayed(target: AmqpTarget, delay: number): Promise<AmqpAddress> {
    const { exchange, delay: delays } = this.#options;
    const to =
      target.kind === 'queue'
        ? { exchange: '', routingKey: target.queue, isRetry: true }
        : { exchange: exchange.name, routingKey: target.routingKey, isRetry: false };
    if (!(delay > 0)) {
      return { exchange: to.exchange, routingKey: to.routingKey };
    }
    const isPlugin = delays.strategy === 'plugin';
    this.#assertPossible(delay, isPlugin ? LONGEST_PLUGIN_DELAY_MS : longestDelayOf(delays));
    try {
      return await (isPlugin ? this.#byPlugin(to, delay) : this.#byQueue(to, delay));
    } catch (error) {
      if (!this.#options.autoSetup || !isMissing((error as { cause?: unknown }).cause)) {
        throw error;
      }
      // Somebody has deleted something since it was declared.
      this.forget();
      return await (isPlugin ? this.#byPlugin(to, delay) : this.#byQueue(to, delay));
    }
  }

  async #byQueue(to: DelayedTo, delay: number): Promise<AmqpAddress> {
    const { exchange, delay: delays, autoSetup } = this.#options;
    const called = this.#time.elapsed();
    const queue = delayQueueOf(delays, exchange.name, to, delay, this.#time.now());
    if (autoSetup) {
      await this.#declareObjects();
      await this.#declareDelays();
    }
    // The name alone may stand for two queues, if the pattern does not tell them apart. Then the broker has to say so.
    const key = `delay ${JSON.stringify([queue.name, queue.arguments['x-message-ttl'], to])}`;
    const until = await this.#declarations.stand(key, queue.freshFor, async (channel) => {
      await this.#find(channel, to);
      const { name } = queue;
      await this.#try({ kind: 'delay-queue', name }, () =>
        channel.assertQueue(name, { durable: true, arguments: queue.arguments }),
      );
      await this.#try({ kind: 'delay-exchange', name: delays.exchangeName }, () =>
        channel.bindQueue(name, delays.exchangeName, name),
      );
    });
    return {
      exchange: delays.exchangeName,
      routingKey: queue.name,
      // Connecting may have taken time, and a day ends when it ends.
      until: Math.min(until, called + queue.freshFor),
    };
  }

  /** A message whose delay ends at something that does not exist is lost without a trace. */
  async #find(channel: AmqpChannel, to: DelayedTo): Promise<void> {
    const name = to.exchange === '' ? to.routingKey : to.exchange;
    await this.#try({ kind: 'target', name }, () =>
      to.exchange === '' ? channel.checkQueue(name) : channel.checkExchange(name),
    );
  }

  /** The plugin's exchanges hold messages back by themselves: one for the exchange of the transport, one for all queues. */
  async #byPlugin(to: DelayedTo, delay: number): Promise<AmqpAddress> {
    const { autoSetup } = this.#options;
    if (autoSetup) {
      await this.#declareObjects();
      await this.#declareDelays();
    }
    const exchange = this.#pluginExchange(to.exchange === '' ? 'queue' : 'exchange');
    if (to.exchange === '') {
      await this.#declarations.stand(`plugin ${to.routingKey}`, Number.POSITIVE_INFINITY, async (channel) =>
        this.#try({ kind: 'target', name: to.routingKey }, () =>
          channel.bindQueue(to.routingKey, exchange, to.routingKey),
        ),
      );
    }
    return { exchange, routingKey: to.routingKey, headers: { 'x-delay': Math.ceil(delay) } };
  }

  async #declareObjects(): Promise<void> {
    await this.#declarations.stand(OBJECTS, Number.POSITIVE_INFINITY, async (channel) => {
      await this.#declareExchange(channel);
      await this.#declareQueues(channel);
    });
  }

  async #declareExchange(channel: AmqpChannel): Promise<void> {
    const { name, type, passive, durable, autoDelete, internal, bindings, ...rest } = this.#options.exchange;
    // The default exchange is always there, and may not be declared.
    if (name === '') {
      return;
    }
    await this.#try({ kind: 'exchange', name, passive }, () =>
      passive
        ? channel.checkExchange(name)
        : channel.assertExchange(name, type, { durable, autoDelete, internal, arguments: rest.arguments }),
    );
    for (const [source, { bindingKeys, bindingArguments }] of Object.entries(bindings)) {
      for (const key of bindingKeys) {
        await this.#try({ kind: 'source', name: source }, () =>
          channel.bindExchange(name, source, key, bindingArguments),
        );
      }
    }
  }

  async #declareQueues(channel: AmqpChannel): Promise<void> {
    const { exchange, queues } = this.#options;
    for (const [name, queue] of queues) {
      const { passive, durable, exclusive, autoDelete, bindingKeys, bindingArguments } = queue;
      const subject: AmqpSubject = { kind: 'queue', name, passive };
      await this.#try(subject, () =>
        passive
          ? channel.checkQueue(name)
          : channel.assertQueue(name, { durable, exclusive, autoDelete, arguments: queue.arguments }),
      );
      // None with the default exchange, to which nothing can be bound: the options see to that.
      for (const key of bindingKeys) {
        await this.#try(subject, () => channel.bindQueue(name, exchange.name, key, bindingArguments));
      }
    }
  }

  async #declareDelays(): Promise<void> {
    await this.#declarations.stand('delays', Number.POSITIVE_INFINITY, (channel) =>
      this.#options.delay.strategy === 'plugin'
        ? this.#declarePlugin(channel)
        : this.#declareDelayExchange(channel, this.#options.delay.exchangeName, 'direct'),
    );
  }

  async #declarePlugin(channel: AmqpChannel): Promise<void> {
    const { name: target } = this.#options.exchange;
    const forQueues = this.#pluginExchange('queue');
    await this.#declareDelayExchange(channel, forQueues, 'x-delayed-message', 'direct');
    if (target !== '') {
      const forExchange = this.#pluginExchange('exchange');
      await this.#declareDelayExchange(channel, forExchange, 'x-delayed-message', 'fanout');
      await this.#try({ kind: 'target', name: target }, () => channel.bindExchange(target, forExchange, ''));
    }
  }

  async #declareDelayExchange(
    channel: AmqpChannel,
    name: string,
    type: string,
    delayedType?: string,
  ): Promise<void> {
    const options = {
      durable: true,
      ...(delayedType !== undefined && { arguments: { 'x-delayed-type': delayedType } }),
    };
    await this.#try({ kind: 'delay-exchange', name }, () => channel.assertExchange(name, type, options));
  }

  /** They cannot have the name of the exchange for delay queues, which is of another type. */
  #pluginExchange(kind: AmqpTarget['kind']): string {
    const { exchange, delay } = this.#options;
    return kind === 'queue'
      ? `${delay.exchangeName}.queues`
      : `${delay.exchangeName}.exchange.${exchange.name}`;
  }

  #assertPossible(delay: number, longest: number): void {
    if (delay > longest) {
      throw new TransportError(
        this.#session.transportName,
        `RabbitMQ holds a message back for ${longest} ms at the most, and this one is delayed by ${delay} ms. Send it later, or keep it in ` +
          'a database until then.',
      );
    }
  }

  async #try(subject: AmqpSubject, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const { connection, transportName } = this.#session;
      const place = {
        transportName,
        server: connection.server,
        vhost: connection.endpoint.vhost,
        autoSetup: this.#options.autoSetup,
      };
      // Of a type of exchange that it does not know, the broker speaks only when it closes the connection.
      const cause = isVague(error) ? (connection.lastFailure ?? error) : error;
      throw toTopologyError(place, subject, cause) ?? error;
    }
  }
}

interface DelayedTo {
  readonly exchange: string;
  readonly routingKey: string;
  readonly isRetry: boolean;
}
