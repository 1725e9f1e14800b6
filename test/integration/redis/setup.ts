import { onTestFinished } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import type { MessageClass } from '../../../lib/message/message-class.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { JsonSerializer } from '../../../lib/serializer/json.serializer.js';
import { QuarantiningSerializer } from '../../../lib/serializer/quarantining.serializer.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { StampRegistry } from '../../../lib/serializer/stamp-registry.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import {
  RedisTransportFactory,
  type RedisTransportFactorySetup,
} from '../../../lib/transports/redis/redis.transport-factory.js';
import type { RedisTransport } from '../../../lib/transports/redis/redis.transport.js';
import { RecordingLogger } from '../../fixtures/core.js';
import { redisUrl, uniqueStream } from './support/shared-redis.js';

/** A message whose whole content is a text. */
export class Note {
  constructor(readonly text: string) {}
}

/** The serializer of an application that knows these messages. */
export function serializerFor(...types: readonly MessageClass[]): Serializer {
  const registry = new MessageRegistry();
  types.forEach((type) => registry.register(type));
  const stamps = new StampRegistry();
  return new QuarantiningSerializer(new JsonSerializer({ registry, stamps }), { registry, stamps });
}

export interface ApplicationSetup extends RedisTransportFactorySetup {
  /** @default one that no other test has */
  readonly stream?: string;
  /** Where a stream is. @default in the Redis that tests share */
  readonly urlOf?: (stream: string) => string;
  /** @default one that knows notes */
  readonly serializer?: Serializer;
}

export interface Application {
  readonly stream: string;
  /** What the transports said. */
  readonly logger: RecordingLogger;
  /** A transport on the stream, closed after the test. */
  readonly open: (options?: Readonly<Record<string, unknown>>, transportName?: string) => RedisTransport;
}

/** What one process of an application has: a factory, and its transports on one server. */
export function application({
  stream = uniqueStream(),
  urlOf = redisUrl,
  serializer = serializerFor(Note),
  ...setup
}: ApplicationSetup = {}): Application {
  const logger = new RecordingLogger();
  const factory = new RedisTransportFactory({ env: {}, ...setup });
  return {
    stream,
    logger,
    open(options = {}, transportName = 'async') {
      const context = { transportName, serializer, logger };
      const transport = factory.create(new Dsn(urlOf(stream), transportName), options, context);
      onTestFinished(() => transport.close());
      return transport;
    },
  };
}

export function note(text: string, ...stamps: readonly Stamp[]): Envelope {
  return new Envelope<object>(new Note(text), stamps);
}

export function notes(...texts: readonly string[]): Envelope[] {
  return texts.map((text) => note(text));
}

/** `count` of them, named by their numbers. */
export function manyNotes(count: number, prefix = ''): Envelope[] {
  return Array.from({ length: count }, (_, index) => note(`${prefix}${index}`));
}

export function textsOf(envelopes: readonly Envelope[]): string[] {
  return envelopes.map(({ message }) => (message as Note).text);
}

/** Which delivery it is, from 1. */
export function deliveriesOf(envelopes: readonly Envelope[]): number[] {
  return envelopes.map((envelope) => envelope.last(RedeliveredStamp)?.deliveryCount ?? 1);
}

export function idOf(envelope: Envelope): string {
  return envelope.last(TransportMessageIdStamp)?.id ?? '';
}

/** The only one of `items`. */
export function only<T>(items: readonly T[]): T {
  const [item, ...more] = items;
  if (item === undefined || more.length > 0) {
    throw new RangeError(`Expected one, got ${items.length}.`);
  }
  return item;
}

/** All that come within `wait` milliseconds of each other. */
export async function drain(transport: RedisTransport, max = 1000, wait = 0): Promise<Envelope[]> {
  const received: Envelope[] = [];
  for (;;) {
    const batch = await transport.get({ max, wait });
    if (batch.length === 0) {
      return received;
    }
    received.push(...batch);
  }
}

export function median(numbers: readonly number[]): number {
  return percentile(numbers, 50);
}

export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

/** How many processes a message passes through on its way, each of which has to wait for its turn. */
const HOPS = 4;

/**
 * Measures, until it is asked, how late timers fire here: what a busy machine adds to whatever a test measures meanwhile.
 * Answers with how many milliseconds that may be.
 */
export function measureNoise(): (percent: number) => number {
  const lags: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    lags.push(Math.max(0, now - last - 2));
    last = now;
  }, 2);
  return (percent) => {
    clearInterval(timer);
    return HOPS * percentile([0, ...lags], percent);
  };
}
