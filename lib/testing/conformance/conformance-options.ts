import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import type { MessageClass } from '../../message/message-class.js';
import type { TransportContext } from '../../transport/transport-factory.js';
import type { Transport } from '../../transport/transport.js';
import type { TransportFeatures } from './transport-features.js';

/** What a case tells about the transport it wants. It serves as the context of a `TransportFactory` as it is. */
export interface ConformanceContext extends TransportContext {
  /** A name no other case has had: letters, digits and underscores. For the queue, table or stream of the case. */
  readonly queueName: string;
  /** How long a claim has to last without a sign of life, in milliseconds. Transports without leases ignore it. */
  readonly leaseDuration: number;
  /** The messages the suite sends, for a transport that has a serializer of its own. */
  readonly messages: readonly MessageClass[];
}

/** A transport under test, with nothing in it, and what only its author knows how to do with it. */
export interface ConformanceSubject {
  readonly transport: Transport;
  /** Another consumer of the same queue, as another process would be. Without it, the transport plays every role. */
  second?(): Promise<Transport> | Transport;
  /** Another queue of the same broker, such as the failure transport, into which `requeue` can store. */
  other?(): Promise<Transport> | Transport;
  /** Stores a message that came from elsewhere, bypassing the serializer. */
  insertRaw?(encoded: EncodedEnvelope): Promise<void>;
  /** Moves the clock that the transport goes by. Without it, the suite waits. */
  advance?(ms: number): Promise<void> | void;
  /** Removes what was created. Whatever the suite got from `second` and `other` is closed before. */
  cleanup?(): Promise<void> | void;
}

/** What {@link transportConformance} needs to know. */
export interface TransportConformanceOptions {
  /** Begins the name of every case. @default 'transport' */
  readonly name?: string;
  /** Makes a transport nobody else uses. Called once for each case. */
  create(context: ConformanceContext): Promise<ConformanceSubject> | ConformanceSubject;
  /** What the transport cannot do. @default everything is expected */
  readonly features?: TransportFeatures;
  /** The lease used by cases that let one run out, in milliseconds. @default 300 */
  readonly shortLease?: number;
  /** How late a delayed message or the end of a wait may be, in milliseconds. @default 1000 */
  readonly punctuality?: number;
  /** How long to wait for what has to happen before a case fails, in milliseconds. @default 5000 */
  readonly patience?: number;
}

/** One test, for any test runner. */
export interface ConformanceCase {
  /** A sentence about the behaviour that is checked. */
  readonly name: string;
  /** Resolves if the transport behaves; else rejects, as a rule with an `AssertionError`. */
  readonly run: () => Promise<void>;
}
