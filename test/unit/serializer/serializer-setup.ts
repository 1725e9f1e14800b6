import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp, StampType } from '../../../lib/envelope/stamp.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import type { MessageClass } from '../../../lib/message/message-class.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { SerializedMessageStamp } from '../../../lib/stamp/serialized-message.stamp.js';
import { JsonSerializer } from '../../../lib/serializer/json.serializer.js';
import type { JsonSerializerOptions } from '../../../lib/serializer/json-serializer-options.js';
import { StampRegistry } from '../../../lib/serializer/stamp-registry.js';

/** A message that may hold anything. */
export class Box {
  constructor(readonly content: unknown) {}
}

export class OrderPlaced {
  constructor(
    readonly orderId: number,
    readonly customer: string,
    readonly placedAt: Date,
  ) {}
}

export interface Setup {
  readonly messages?: readonly MessageClass[];
  readonly stamps?: readonly StampType[];
  readonly options?: JsonSerializerOptions;
}

/** A serializer that knows {@link Box}, {@link OrderPlaced} and what else it is told. */
export function setup({ messages = [], stamps = [], options = {} }: Setup = {}) {
  const registry = new MessageRegistry();
  [Box, OrderPlaced, ...messages].forEach((type) => registry.register(type));
  const dependencies = { registry, stamps: new StampRegistry(stamps), options };
  const serializer = new JsonSerializer(dependencies);
  return {
    registry,
    dependencies,
    serializer,
    encode: (message: object, ...stamps: Stamp[]): EncodedEnvelope =>
      serializer.encode(new Envelope(message, stamps)),
    decode: (body: string | Uint8Array, type = 'Box', headers: Record<string, string> = {}): Envelope =>
      serializer.decode({ body, headers: { type, ...headers } }),
    /** What a message looks like on the other side. */
    transfer: <T extends object>(message: T): T =>
      serializer.decode(serializer.encode(new Envelope(message))).message as T,
    /** The stamps of a message on the other side, without the one that keeps the body. */
    transferStamps: (...stamps: Stamp[]): readonly Stamp[] =>
      serializer
        .decode(serializer.encode(new Envelope(new Box(1), stamps)))
        .withoutKindOf(SerializedMessageStamp)
        .all(),
  };
}

/** What `run` throws; fails the test if it throws nothing. */
export function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new RangeError('Nothing was thrown.');
}
