import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import type { StampType } from '../envelope/stamp.js';
import type { MessengerLogger } from '../event/logger.js';
import type { TransactionRunner } from '../inbox/transaction-runner.js';
import type { MessageClass } from '../message/message-class.js';
import type { Middleware } from '../middleware/middleware.js';
import type { RetryOptions } from '../retry/multiplier.retry-strategy.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';
import type { Route } from '../routing/senders-locator.js';
import type { Serializer } from '../serializer/serializer.js';
import type { SigningOptions, TransportSigningOptions } from '../serializer/signing/signing-options.js';
import type { TransportFactory } from '../transport/transport-factory.js';
import type { RateLimitOptions } from '../worker/rate-limiter.js';
import type { WorkerOptions } from '../worker/worker-options.js';

/** A class whose instances are `T`, or the token of a provider that is one. */
export type ProviderToken<T> = (abstract new (...args: never[]) => T) | string | symbol;

/**
 * A `T`, or the class or token of a provider that is one. A class that no module provides is instantiated by Nest, with
 * what the `MessengerModule` can see: the exports of global modules.
 */
export type InstanceOrProvider<T extends object> = T | ProviderToken<T>;

/** How a transport is made and what becomes of its messages. */
export interface TransportOptions {
  /** Where its messages are stored, e.g. `sqlite:var/messenger.db`. The scheme chooses the kind of transport. */
  readonly dsn: string;
  /** Options of this kind of transport, in camelCase or snake_case; they win over the query of the DSN. @default {} */
  readonly options?: Readonly<Record<string, unknown>>;
  /**
   * A connection of the application for the transport to use, or the class or token of its provider; for PostgreSQL a pool of
   * `pg`. It stays the application's: it is never closed here. @default connections of its own, as the DSN says
   */
  readonly connection?: InstanceOrProvider<object>;
  /** When failed messages are tried again. @default 3 retries, after 1, 2 and 4 seconds, give or take 10 % */
  readonly retry?: RetryOptions | InstanceOrProvider<RetryStrategy>;
  /** Where messages go that are not tried again. @default the module's `failureTransport` */
  readonly failureTransport?: string;
  /** @default the module's `serializer` */
  readonly serializer?: InstanceOrProvider<Serializer>;
  /**
   * A transport that keeps its messages in a database: messages are stored there first, in the transaction in which they are
   * dispatched if there is one, and forwarded to this transport by the workers that consume either of the two.
   *
   * @default none: messages are sent when they are dispatched, and not in a transaction
   */
  readonly outbox?: string;
  /** How many messages a worker may take out of it in a time. @default no limit */
  readonly rateLimit?: RateLimitOptions;
  /**
   * Where it is remembered which idempotent handlers have handled which of its messages: in the transport of that name, which
   * must be on the database of the handlers, or in this transport itself (`true`). @default false
   */
  readonly inbox?: boolean | string;
  /**
   * Signs every message that is sent, and refuses one that is not signed before anything of it is read. Needs the module's
   * `signing`. The failure transport of a transport that signs does so as well. @default false
   */
  readonly sign?: boolean | TransportSigningOptions;
}

/** How a bus treats its messages. */
export interface BusOptions {
  /** The application's own middleware, run between the built-in ones and the sending, in this order. @default [] */
  readonly middleware?: ReadonlyArray<InstanceOrProvider<Middleware>>;
  /** Accept messages that nobody handles, as an event bus does. @default false */
  readonly allowNoHandlers?: boolean;
  /** Accept messages that are routed nowhere; they are handled at once. @default true */
  readonly allowNoSenders?: boolean;
  /** `false` leaves out all built-in middleware: the bus then sends and handles nothing but what yours does. @default true */
  readonly defaultMiddleware?: boolean;
}

/** A worker that runs inside the application. Times in milliseconds, as in {@link WorkerOptions}. */
export interface InProcessWorkerOptions extends WorkerOptions {
  /** The transports it consumes, the first having the highest priority. */
  readonly receivers: readonly string[];
  /** Dispatch on this bus, whatever bus a message names. @default the bus each message names */
  readonly bus?: string;
}

/** The options of `MessengerModule.forRoot()`. */
export interface MessengerOptions {
  /** The transports by name: a DSN, or options. @default {} */
  readonly transports?: Readonly<Record<string, string | TransportOptions>>;
  /** The failure transport of every transport that names none itself. @default none: such messages are dropped with an error in the log */
  readonly failureTransport?: string;
  /** Which messages go to which transports; the others are handled where they are dispatched. @default [] */
  readonly routing?: readonly Route[];
  /** The buses by name. @default one bus, called `default` */
  readonly buses?: Readonly<Record<string, BusOptions>>;
  /** The bus that is injected as `MessageBus`. Required if there are several. @default the only bus */
  readonly defaultBus?: string;
  /** Encodes and decodes the messages of every transport that names no serializer itself. @default JsonSerializer */
  readonly serializer?: InstanceOrProvider<Serializer>;
  /** The secrets that messages are signed with, on transports and for handlers with `sign: true`. @default none: nothing is signed */
  readonly signing?: SigningOptions;
  /** Message types that no handler and no route names, as in an application that only sends. @default [] */
  readonly messages?: readonly MessageClass[];
  /** Stamp classes that may travel, besides those decorated with `@AsStamp`. @default [] */
  readonly stamps?: readonly StampType[];
  /** Workers that run inside this process; not in one started by `runWorker` or `runConsole`. @default [] */
  readonly workers?: readonly InProcessWorkerOptions[];
  /** How many times a message may be delivered without ever being settled, before it counts as failed. @default 5 */
  readonly maxDeliveries?: number;
  /**
   * The transport that keeps the locks of messages with a `DeduplicateStamp`.
   *
   * @default of each message the first transport that it is routed to and that can
   */
  readonly deduplication?: string;
  /**
   * Opens the transactions that idempotent handlers run in, on the database where their inbox is, for instance
   * `{ run: (work) => dataSource.transaction(work) }`. @default the inbox opens them itself
   */
  readonly transaction?: InstanceOrProvider<TransactionRunner>;
  /** How long it is remembered that a message was handled by an idempotent handler, in milliseconds. @default 604800000 (7 days) */
  readonly inboxRetention?: number;
  /** Makes transports of further DSN schemes, or of a built-in one in another way. @default [] */
  readonly transportFactories?: ReadonlyArray<
    TransportFactory | (new (...args: never[]) => TransportFactory)
  >;
  /** Where log lines go. @default Nest's logger, with the context `Messenger` */
  readonly logger?: MessengerLogger;
  /** Log every message that is received and handled. A worker started by `runWorker` has `-v` for that. @default false */
  readonly debug?: boolean;
}

/**
 * The options of `MessengerModule.forRootAsync()`. Transports and buses are providers, and those must exist before
 * `useFactory` runs; so their names are given here, everything else by the factory.
 */
export interface MessengerAsyncOptions {
  /** The names of the transports that the factory will return. @default [] */
  readonly transports?: readonly string[];
  /** The names of the buses that the factory will return. @default ['default'] */
  readonly buses?: readonly string[];
  /** Modules whose exports the factory needs. */
  readonly imports?: ModuleMetadata['imports'];
  /** What the factory is called with. */
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...args: never[]) => MessengerOptions | Promise<MessengerOptions>;
}
