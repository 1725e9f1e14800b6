import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { type Clock, systemClock } from '../../../lib/envelope/clock.js';
import type {
  ConformanceContext,
  ConformanceSubject,
} from '../../../lib/testing/conformance/conformance-options.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { transportConformance } from '../../../lib/testing/transport-conformance.js';
import { SqliteTransportFactory } from '../../../lib/transports/sql/sqlite/sqlite.transport-factory.js';
import type { SqliteTransport } from '../../../lib/transports/sql/sqlite/sqlite.transport.js';
import { dsnOf, insertRow } from './setup.js';

function subject(context: ConformanceContext, file: string, driver: string, clock: Clock) {
  const { queueName } = context;
  const options = { driver, redeliverTimeout: context.leaseDuration / 1000 };
  const create = (factory: SqliteTransportFactory, queue: string): SqliteTransport =>
    factory.create(dsnOf(file, { queue_name: queue }), options, context);
  const factory = new SqliteTransportFactory({ clock });
  const transport = create(factory, queueName);
  return {
    transport,
    second: () => create(new SqliteTransportFactory({ clock }), queueName),
    other: () => create(factory, `${queueName}_failed`),
    async insertRaw({ body, headers }) {
      await transport.setup();
      insertRow(file, { queueName, body, headers: JSON.stringify(headers) });
    },
  } satisfies ConformanceSubject;
}

describe.each(['@photostructure/sqlite', 'libsql'])('SQLite transport with the driver "%s"', (driver) => {
  // Side by side, because most of the time is spent waiting for leases and delays to end.
  it.concurrent.each([
    ...transportConformance({
      name: 'it',
      shortLease: 250,
      create(context) {
        const folder = mkdtempSync(join(tmpdir(), 'messenger-sqlite-'));
        return {
          ...subject(context, join(folder, 'messages.db'), driver, systemClock),
          cleanup: () => rmSync(folder, { recursive: true }),
        };
      },
    }),
  ])('$name', ({ run }) => run());
});

describe('SQLite transport in memory, by a fake clock', () => {
  it.each([
    ...transportConformance({
      name: 'it',
      // What is in memory is out of reach for other connections.
      features: { secondConsumer: false, undecodable: false },
      create(context) {
        const clock = new FakeClock();
        return {
          ...subject(context, ':memory:', '@photostructure/sqlite', clock),
          advance: (ms) => clock.advance(ms),
        };
      },
    }),
  ])('$name', ({ run }) => run());
});
