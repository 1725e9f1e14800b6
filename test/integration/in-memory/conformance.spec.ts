import { describe, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import type {
  ConformanceContext,
  ConformanceSubject,
} from '../../../lib/testing/conformance/conformance-options.js';
import type { TransportFeatures } from '../../../lib/testing/conformance/transport-features.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { InMemoryTransportFactory } from '../../../lib/transports/in-memory/in-memory.transport-factory.js';

/** Its messages are out of reach for other processes, so there is nobody to share a queue or signals with. */
const FEATURES: TransportFeatures = { secondConsumer: false, signals: false, roll: false, ping: false };

function create(dsn: string, context: ConformanceContext, clock?: FakeClock): ConformanceSubject {
  const factory = new InMemoryTransportFactory(clock ?? systemClock);
  const options = { redeliverTimeout: context.leaseDuration / 1000 };
  const transport = factory.create(new Dsn(dsn, context.transportName), options, context);
  return {
    transport,
    other: () => factory.create(new Dsn(dsn, 'other'), options, context),
    async insertRaw(encoded) {
      await transport.send([new Envelope<object>(new UndecodableMessage(encoded))]);
    },
    ...(clock && { advance: (ms: number) => clock.advance(ms) }),
  };
}

describe.each([
  {
    name: 'in-memory transport that serializes, by a fake clock,',
    create: (context: ConformanceContext) => create('in-memory://?serialize=true', context, new FakeClock()),
    features: FEATURES,
  },
  {
    name: 'in-memory transport that keeps objects, by a fake clock,',
    create: (context: ConformanceContext) => create('in-memory://', context, new FakeClock()),
    features: { ...FEATURES, encoding: false, undecodable: false },
  },
  {
    name: 'in-memory transport that serializes, by the time of the machine,',
    create: (context: ConformanceContext) => create('in-memory://?serialize=true', context),
    features: FEATURES,
  },
])('$name', (options) => {
  it.each([...transportConformance({ ...options, name: 'it', shortLease: 100 })])('$name', ({ run }) =>
    run(),
  );
});
