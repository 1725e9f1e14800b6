import { each, MISSING, NO_SERVER, notApplicable, on, tested } from './coverage.js';
import type { Scenario } from './scenario.js';
import { everywhere, LONG, named, STRANGE, strange } from './strange-messages.js';

const NO_TLS = NO_SERVER;
const ONLY_AMQP = notApplicable('It is about channels and declarations of RabbitMQ.');

export const SCENARIOS_31_TO_40: readonly Scenario[] = [
  {
    number: 31,
    title: 'Two schedulers are active after a split brain',
    on: on(
      {},
      notApplicable('There is no scheduler: recurring messages are sent by what the application has.'),
    ),
  },
  {
    number: 32,
    title: 'The disk of the store is full, or it may not be written',
    on: on({
      'in-memory': notApplicable('Nothing is written.'),
      postgres: tested(
        'test/integration/postgres/own-server.spec.ts',
        'a PostgreSQL server that refuses > writes, as a standby does, is named',
      ),
      mysql: tested(
        'test/integration/mysql/own-server.spec.ts',
        'a MySQL server of any settings > may be read-only for a while',
      ),
      amqp: tested(
        'test/integration/amqp/own-broker.spec.ts',
        'a broker that is low on memory > blocks what publishes until it has room, and lets workers acknowledge meanwhile',
      ),
    }),
  },
  {
    number: 33,
    title: 'A certificate or a password is replaced while workers run',
    on: on({ 'in-memory': NO_TLS, sqlite: NO_TLS }),
  },
  {
    number: 34,
    title: 'A queue of RabbitMQ was declared with other arguments',
    on: on({ amqp: MISSING }, ONLY_AMQP),
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
  { number: 39, title: 'A million messages are delayed', on: on({}) },
  {
    number: 40,
    title: 'An older worker reads an envelope of a newer version',
    on: everywhere((transport) => strange(transport, STRANGE.opaque)),
  },
];
