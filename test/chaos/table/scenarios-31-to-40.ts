import { each, inScenario, joined, NO_SERVER, notApplicable, ofScenario, on, tested } from './coverage.js';
import { CHAOS_TRANSPORTS, type Scenario } from './scenario.js';
import { everywhere, LONG, named, STRANGE, strange } from './strange-messages.js';
import {
  ANOTHER_AUTHORITY,
  READ_ONLY_FILE,
  SCENARIO_31,
  SCENARIO_32,
  SCENARIO_33,
  SCENARIO_39,
} from './titles.js';

const NO_TLS = NO_SERVER;
const ONLY_AMQP = notApplicable('It is about channels and declarations of RabbitMQ.');

export const SCENARIOS_31_TO_40: readonly Scenario[] = [
  {
    number: 31,
    title: 'Two schedulers are active after a split brain',
    on: on(
      each(CHAOS_TRANSPORTS, (transport) =>
        inScenario(SCENARIO_31.file, SCENARIO_31.title, transport, SCENARIO_31.once),
      ),
    ),
  },
  {
    number: 32,
    title: 'The disk of the store is full, or it may not be written',
    on: on({
      'in-memory': notApplicable('Nothing is written.'),
      sqlite: joined(
        ofScenario(READ_ONLY_FILE, 'sqlite', READ_ONLY_FILE.readOnly),
        tested('test/integration/sqlite/failures.spec.ts', READ_ONLY_FILE.fullDisk),
      ),
      redis: joined(
        ofScenario(SCENARIO_32, 'redis', SCENARIO_32.full),
        tested(
          'test/integration/redis/server-errors.spec.ts',
          'a server that takes no writes > because it cannot save, until it can',
        ),
      ),
      amqp: joined(
        ofScenario(SCENARIO_32, 'amqp', SCENARIO_32.full),
        tested(
          'test/integration/amqp/own-broker.spec.ts',
          'a broker that is low on memory > blocks what publishes until it has room, and lets workers acknowledge meanwhile',
          'the health of a worker > is bad while its broker is low on memory, although that answers',
        ),
      ),
      postgres: joined(
        ofScenario(SCENARIO_32, 'postgres', SCENARIO_32.full),
        tested(
          'test/integration/postgres/own-server.spec.ts',
          'a PostgreSQL server that refuses > writes, as a standby does, is named',
        ),
      ),
      mysql: joined(
        ofScenario(SCENARIO_32, 'mysql', SCENARIO_32.full),
        tested(
          'test/integration/mysql/own-server.spec.ts',
          'a MySQL server of any settings > may be read-only for a while',
        ),
      ),
    }),
  },
  {
    number: 33,
    title: 'A certificate or a password is replaced while workers run',
    on: on({
      'in-memory': NO_TLS,
      sqlite: NO_TLS,
      ...each(['redis', 'amqp', 'postgres', 'mysql'], (transport) =>
        joined(
          ofScenario(SCENARIO_33, transport, SCENARIO_33.password),
          ofScenario(ANOTHER_AUTHORITY, transport, ANOTHER_AUTHORITY.refused),
        ),
      ),
    }),
  },
  {
    number: 34,
    title: 'A queue of RabbitMQ was declared with other arguments',
    on: on(
      {
        amqp: tested(
          'test/integration/amqp/topology.spec.ts',
          'What exists with other arguments > is named with what differs and how to migrate, and nothing is deleted',
          'What exists with other arguments > is named for an exchange too',
        ),
      },
      ONLY_AMQP,
    ),
  },
  {
    number: 35,
    title: 'RabbitMQ closes the channel of a handler that takes too long',
    on: on(
      {
        amqp: tested(
          'test/integration/amqp/broker-features.spec.ts',
          'a handler that takes longer than the "consumer_timeout" of the broker > has its message taken away, is told why, and settles nothing any more',
        ),
      },
      ONLY_AMQP,
    ),
  },
  {
    number: 36,
    title: 'A foreign producer leaves headers out',
    on: everywhere((transport) => strange(transport, STRANGE.right)),
  },
  {
    number: 37,
    title: 'A handler throws what is no error, or an error that cannot be read',
    on: everywhere((transport) => strange(transport, STRANGE.thrown)),
  },
  {
    number: 38,
    title: 'Queues and keys have names of 255 bytes, or in any script',
    on: on({
      'in-memory': notApplicable('What is in memory has no name but that of its transport.'),
      sqlite: named('sqlite', LONG.whole),
      ...each(['redis', 'amqp', 'postgres', 'mysql'], (transport) =>
        named(transport, LONG.whole, LONG.refused),
      ),
    }),
  },
  {
    number: 39,
    title: 'A million messages are delayed',
    on: on(
      each(CHAOS_TRANSPORTS, (transport) =>
        inScenario(SCENARIO_39.file, SCENARIO_39.title, transport, SCENARIO_39.wait),
      ),
    ),
  },
  {
    number: 40,
    title: 'An older worker reads an envelope of a newer version',
    on: everywhere((transport) => strange(transport, STRANGE.opaque)),
  },
];
