import type {
  ConformanceContext,
  ConformanceSubject,
} from '../../../../lib/testing/conformance/conformance-options.js';
import { Dsn } from '../../../../lib/transport/dsn.js';
import { encodeEntry } from '../../../../lib/transports/redis/redis.entry-codec.js';
import { RedisTransportFactory } from '../../../../lib/transports/redis/redis.transport-factory.js';
import type { RedisTransport } from '../../../../lib/transports/redis/redis.transport.js';

/** A server, a cluster or a master, that only one test file uses. */
export interface ConformancePlace {
  dsnOf(stream: string): string;
  /** A client of the same server, past the transport. */
  client(): { xadd(stream: string, id: string, field: string, value: string): Promise<unknown> };
}

/** What the conformance suite needs, on servers of one's own. */
export function conformanceOn(place: () => ConformancePlace) {
  return ({ queueName, leaseDuration, ...context }: ConformanceContext): ConformanceSubject => {
    // Keys with one hash tag are in one slot of a cluster.
    const stream = `{${queueName}}`;
    const open = (factory: RedisTransportFactory, name: string): RedisTransport =>
      factory.create(
        new Dsn(place().dsnOf(name), context.transportName),
        { redeliverTimeout: leaseDuration / 1000, claimInterval: 500 },
        context,
      );
    const factory = new RedisTransportFactory({ env: {} });
    return {
      transport: open(factory, stream),
      second: () => open(new RedisTransportFactory({ env: {} }), stream),
      other: () => open(factory, `${stream}_failed`),
      async insertRaw(encoded) {
        await place().client().xadd(stream, '*', 'message', encodeEntry(encoded));
      },
    };
  };
}
