import type { Clock } from '../../../lib/envelope/clock.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { InvalidMessageSignatureError } from '../../../lib/errors/invalid-message-signature.error.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import type { MessengerOptions } from '../../../lib/module/messenger-options.js';
import type { ProviderReferences } from '../../../lib/module/provider-references.js';
import { resolveMessengerOptions } from '../../../lib/module/resolve-options.js';
import { TransportSerializers } from '../../../lib/module/transport-serializers.js';
import { JsonSerializer } from '../../../lib/serializer/json.serializer.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { SignedTypes } from '../../../lib/serializer/signing/signed-types.js';
import { StampRegistry } from '../../../lib/serializer/stamp-registry.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';

export const SECRET = 'a secret of the tests, 32 bytes or more';
export const OTHER_SECRET = 'another secret of the tests, as long as that';

export class OrderPlaced {
  constructor(readonly orderId: number) {}
}

export class OrderRefunded {
  constructor(readonly orderId: number) {}
}

export interface SignedSetup<C extends Clock = FakeClock> extends Omit<MessengerOptions, 'transports'> {
  readonly transports?: Readonly<Record<string, object>>;
  readonly clock?: C;
  /** Instead of the one that the application has. */
  readonly inner?: Serializer;
  /** Messages that this application knows. @default OrderPlaced and OrderRefunded */
  readonly knows?: readonly (new (...args: never[]) => object)[];
}

/** The serializers that an application with these options gives its transports; by default "async" signs. */
export function signed<C extends Clock = FakeClock>({
  transports,
  clock = new FakeClock() as Clock as C,
  inner,
  knows,
  ...options
}: SignedSetup<C> = {}) {
  const written = { async: { sign: true }, ...transports };
  const resolved = resolveMessengerOptions({
    signing: { secret: SECRET },
    ...options,
    transports: Object.fromEntries(
      Object.entries(written).map(([name, given]) => [name, { dsn: 'in-memory://', ...given }]),
    ),
  });
  const registry = new MessageRegistry();
  (knows ?? [OrderPlaced, OrderRefunded]).forEach((type) => registry.register(type));
  const known = { registry, stamps: new StampRegistry(resolved.stamps) };
  const serializers = new TransportSerializers({
    options: inner === undefined ? resolved : { ...resolved, serializer: inner },
    // What is given is an instance already.
    references: { to: (given: unknown) => ({ instance: given }) } as unknown as ProviderReferences,
    json: new JsonSerializer(known),
    known,
    signedTypes: new SignedTypes(registry, resolved.signedMessages),
    clock,
  });
  const definitionOf = (name: string) => {
    const definition = resolved.transports.get(name);
    if (definition === undefined) {
      throw new RangeError(`There is no transport "${name}".`);
    }
    return definition;
  };
  const of = (name: string): Serializer => serializers.of(definitionOf(name));
  return {
    clock,
    of,
    ofOutbox: (name: string): Serializer => serializers.ofOutbox(definitionOf(name)),
    encode: (message: object, stamps: readonly Stamp[] = [], transport = 'async'): EncodedEnvelope =>
      of(transport).encode(new Envelope(message, stamps)),
    decode: (encoded: EncodedEnvelope, transport = 'async'): Envelope => of(transport).decode(encoded),
  };
}

/** Why a message was refused; `undefined` if it was not. Fails for any other error. */
export function problemOf(envelope: Envelope): string | undefined {
  const error = envelope.last(MessageDecodingFailedStamp)?.error;
  if (error === undefined || error instanceof InvalidMessageSignatureError) {
    return error?.problem;
  }
  throw error;
}

/** `encoded` with other headers; one that is `undefined` is taken away. */
export function withHeaders(
  encoded: EncodedEnvelope,
  changes: Readonly<Record<string, string | undefined>>,
): EncodedEnvelope {
  const entries = Object.entries({ ...encoded.headers, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...encoded, headers: Object.fromEntries(entries) };
}
