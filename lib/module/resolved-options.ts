import type { StampType } from '../envelope/stamp.js';
import type { MessengerLogger } from '../event/logger.js';
import type { TransactionRunner } from '../inbox/transaction-runner.js';
import type { MessageClass } from '../message/message-class.js';
import type { Middleware } from '../middleware/middleware.js';
import type { RetryStrategy } from '../retry/retry-strategy.js';
import type { Route } from '../routing/senders-locator.js';
import type { Serializer } from '../serializer/serializer.js';
import type { TransportSigningOptions } from '../serializer/signing/signing-options.js';
import type { ResolvedSigning, SigningPolicy } from '../serializer/signing/signing-policy.js';
import type { Dsn } from '../transport/dsn.js';
import type { RateLimitOptions } from '../worker/rate-limiter.js';
import type { InProcessWorkerOptions, InstanceOrProvider, MessengerOptions } from './messenger-options.js';

/** What {@link ResolvedTransport} is made of. */
export interface ResolvedTransportFields {
  readonly name: string;
  readonly dsn: Dsn;
  readonly options: Readonly<Record<string, unknown>>;
  readonly retryStrategy: InstanceOrProvider<RetryStrategy>;
  readonly failureTransport: string | undefined;
  readonly serializer: InstanceOrProvider<Serializer> | undefined;
  readonly rateLimit: RateLimitOptions | undefined;
  readonly inbox: string | undefined;
  readonly outbox: string | undefined;
  readonly connection: InstanceOrProvider<object> | undefined;
  readonly sign: TransportSigningOptions | undefined;
  readonly refusesToSign: boolean;
}

/** A transport with its defaults filled in. Whatever prints it shows no secret. */
export class ResolvedTransport {
  readonly name: string;
  readonly dsn: Dsn;
  readonly retryStrategy: InstanceOrProvider<RetryStrategy>;
  /** `undefined`: a message that is not tried again is dropped. */
  readonly failureTransport: string | undefined;
  /** `undefined`: the application's. */
  readonly serializer: InstanceOrProvider<Serializer> | undefined;
  readonly rateLimit: RateLimitOptions | undefined;
  /** The transport that keeps its inbox; `undefined`: it has none. */
  readonly inbox: string | undefined;
  /** The transport that keeps its messages until they are forwarded to it. */
  readonly outbox: string | undefined;
  /** What it says of signing. The failure transport of one that signs need not say so: see `signingPolicies`. */
  readonly sign: TransportSigningOptions | undefined;
  /** It says `sign: false`. */
  readonly refusesToSign: boolean;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #connection: InstanceOrProvider<object> | undefined;

  constructor(fields: ResolvedTransportFields) {
    this.name = fields.name;
    this.dsn = fields.dsn;
    this.retryStrategy = fields.retryStrategy;
    this.failureTransport = fields.failureTransport;
    this.serializer = fields.serializer;
    this.rateLimit = fields.rateLimit;
    this.inbox = fields.inbox;
    this.outbox = fields.outbox;
    this.sign = fields.sign;
    this.refusesToSign = fields.refusesToSign;
    this.#options = fields.options;
    this.#connection = fields.connection;
  }

  /** Whether its messages are handled when they are sent, so that none is ever stored here. */
  get isSync(): boolean {
    return this.dsn.scheme === 'sync';
  }

  /** The options of this kind of transport, as written. May hold secrets. */
  get options(): Readonly<Record<string, unknown>> {
    return this.#options;
  }

  /** A connection of the application's that it is to use. May hold secrets. */
  get connection(): InstanceOrProvider<object> | undefined {
    return this.#connection;
  }
}

/** A bus with its defaults filled in. */
export interface ResolvedBus {
  readonly name: string;
  readonly middleware: ReadonlyArray<InstanceOrProvider<Middleware>>;
  readonly allowNoHandlers: boolean;
  readonly allowNoSenders: boolean;
  readonly defaultMiddleware: boolean;
}

/** The options of the module with every default filled in, checked against each other. */
export interface ResolvedMessengerOptions {
  readonly transports: ReadonlyMap<string, ResolvedTransport>;
  readonly buses: ReadonlyMap<string, ResolvedBus>;
  readonly defaultBus: string;
  /** The failure transport of the transports that name none themselves. */
  readonly failureTransport: string | undefined;
  readonly routing: readonly Route[];
  readonly serializer: InstanceOrProvider<Serializer> | undefined;
  /** `undefined`: nothing is signed. */
  readonly signing: ResolvedSigning | undefined;
  /** How each transport signs, if there is anything to sign with. */
  readonly signingPolicies: ReadonlyMap<string, SigningPolicy>;
  /** Types that are signed on every transport, besides those of handlers. */
  readonly signedMessages: readonly MessageClass[];
  readonly messages: readonly MessageClass[];
  readonly stamps: readonly StampType[];
  readonly workers: readonly InProcessWorkerOptions[];
  readonly debug: boolean;
  readonly maxDeliveries: number;
  /** The transport that keeps the locks of `DeduplicateStamp`s; `undefined`: one that the message is routed to. */
  readonly deduplication: string | undefined;
  readonly transaction: InstanceOrProvider<TransactionRunner> | undefined;
  /** Milliseconds. */
  readonly inboxRetention: number;
  readonly transportFactories: NonNullable<MessengerOptions['transportFactories']>;
  readonly logger: MessengerLogger | undefined;
}
