import {
  each,
  ENDS_WITH_ITS_PROCESS,
  inScenario,
  joined,
  ofScenario,
  NO_SERVER,
  on,
  tested,
  USUAL,
} from './coverage.js';
import { HALF_OPEN } from './half-open.js';
import type { ChaosTransport, Coverage, Scenario } from './scenario.js';
import {
  SCENARIO_1,
  SCENARIO_10,
  SCENARIO_2,
  SCENARIO_3,
  SCENARIO_4,
  SCENARIO_5,
  SCENARIO_5_ORDER,
  SCENARIO_6,
  SCENARIO_7,
  SCENARIO_8,
  SCENARIO_9,
} from './titles.js';

const SERVERS = ['redis', 'amqp', 'postgres', 'mysql'] as const;

const POSTGRES_CRASH = tested(
  'test/e2e/postgres-crash.spec.ts',
  'workers that are killed while their PostgreSQL is restarted > lose no message, and run again only what was in hand',
);

const AMQP_CRASH = tested(
  'test/e2e/amqp-crash.spec.ts',
  'workers that are killed while RabbitMQ closes their connections and is restarted > lose no message, and run again only what was in hand',
);

function inScenario2(transport: ChaosTransport): Coverage {
  return inScenario(SCENARIO_2.file, SCENARIO_2.title, transport, SCENARIO_2.again, SCENARIO_2.skipped);
}

/** An idempotent handler, whose inbox is in the same database. */
function killedBeforeItsCommit(database: string): Coverage {
  return tested(
    'test/e2e/inbox-crash.spec.ts',
    `on ${database}, with transactions of the inbox, a worker > that is killed before the commit has done nothing, and the next one does it`,
  );
}

export const SCENARIOS_1_TO_10: readonly Scenario[] = [
  {
    number: 1,
    title: 'A worker is killed while its handler runs',
    on: on({
      'in-memory': ENDS_WITH_ITS_PROCESS,
      ...each(USUAL, (transport) =>
        inScenario(SCENARIO_1.file, SCENARIO_1.title, transport, SCENARIO_1.handedOn),
      ),
    }),
  },
  {
    number: 2,
    title: 'A worker is killed after its handler finished, before it acknowledged',
    on: on({
      'in-memory': ENDS_WITH_ITS_PROCESS,
      ...each(['redis', 'amqp', 'mysql'], inScenario2),
      sqlite: joined(inScenario2('sqlite'), killedBeforeItsCommit('SQLite')),
      postgres: joined(inScenario2('postgres'), killedBeforeItsCommit('PostgreSQL')),
    }),
  },
  {
    number: 3,
    title: 'A worker is killed between storing the copy of a failed message and settling its original',
    on: on({
      'in-memory': ENDS_WITH_ITS_PROCESS,
      ...each(['sqlite', 'redis', 'postgres', 'mysql'], (transport) =>
        inScenario(SCENARIO_3.file, SCENARIO_3.title, transport, SCENARIO_3.atomic, SCENARIO_3.before),
      ),
      amqp: inScenario(
        SCENARIO_3.file,
        SCENARIO_3.title,
        'amqp',
        SCENARIO_3.copyAndOriginal,
        SCENARIO_3.onlyOriginal,
      ),
    }),
  },
  {
    number: 4,
    title: 'A producer with an outbox is killed between its commit and the publishing',
    on: on({
      'in-memory': ENDS_WITH_ITS_PROCESS,
      ...each(USUAL, (transport) =>
        inScenario(
          SCENARIO_4.file,
          SCENARIO_4.title,
          transport,
          SCENARIO_4.committed,
          SCENARIO_4.notCommitted,
        ),
      ),
    }),
  },
  {
    number: 5,
    title: 'A relay is killed after it published, before it marked that',
    on: on({
      'in-memory': ENDS_WITH_ITS_PROCESS,
      ...each(USUAL, (transport) =>
        joined(
          inScenario(
            SCENARIO_5.file,
            SCENARIO_5.title,
            transport,
            SCENARIO_5.midBatch,
            SCENARIO_5.beforeSettling,
          ),
          inScenario(SCENARIO_5_ORDER.file, SCENARIO_5_ORDER.title, transport, SCENARIO_5_ORDER.inOrder),
        ),
      ),
    }),
  },
  {
    number: 6,
    title: 'The broker is restarted while consumers wait',
    on: on({
      'in-memory': NO_SERVER,
      sqlite: NO_SERVER,
      ...each(SERVERS, (transport) => ofScenario(SCENARIO_6, transport, SCENARIO_6.restarted)),
    }),
  },
  {
    number: 7,
    title: 'The broker is restarted while messages are in hand',
    on: on({
      'in-memory': NO_SERVER,
      sqlite: NO_SERVER,
      redis: tested(
        'test/integration/redis/restart.spec.ts',
        'a server that is restarted while messages are handled > lets them be finished and acknowledged, and hands none of them out again',
        'a server that is restarted while messages are handled > has them acknowledged late that were finished while it was down',
      ),
      amqp: AMQP_CRASH,
      postgres: POSTGRES_CRASH,
      mysql: ofScenario(SCENARIO_7, 'mysql', SCENARIO_7.inHand),
    }),
  },
  {
    number: 8,
    title: 'The broker is away when the application starts',
    on: on({
      'in-memory': NO_SERVER,
      sqlite: NO_SERVER,
      ...each(SERVERS, (transport) => ofScenario(SCENARIO_8, transport, SCENARIO_8.away)),
    }),
  },
  {
    number: 9,
    title: 'A connection is half open: nothing comes, not even its end',
    on: on({
      'in-memory': NO_SERVER,
      sqlite: NO_SERVER,
      ...each(SERVERS, (transport) => ofScenario(SCENARIO_9, transport, SCENARIO_9.silent)),
      postgres: joined(ofScenario(SCENARIO_9, 'postgres', SCENARIO_9.silent), HALF_OPEN.postgres),
      mysql: joined(ofScenario(SCENARIO_9, 'mysql', SCENARIO_9.silent), HALF_OPEN.mysql),
    }),
  },
  {
    number: 10,
    title: 'The connection is lost between a send and its confirmation',
    on: on({
      'in-memory': NO_SERVER,
      sqlite: NO_SERVER,
      redis: joined(
        ofScenario(SCENARIO_10, 'redis', SCENARIO_10.unconfirmed),
        tested(
          'test/integration/redis/restart.spec.ts',
          'a server that is restarted while workers wait > makes a dispatch of that moment reject, or stores its message; never both, never neither',
        ),
      ),
      amqp: joined(
        ofScenario(SCENARIO_10, 'amqp', SCENARIO_10.unconfirmed),
        tested(
          'test/integration/amqp/publisher.spec.ts',
          'a connection that is lost > leaves it uncertain whether an unconfirmed message was stored, and is replaced for the next',
        ),
      ),
      postgres: joined(
        ofScenario(SCENARIO_10, 'postgres', SCENARIO_10.unconfirmed),
        tested(
          'test/integration/postgres/losses.spec.ts',
          'a connection to PostgreSQL that is lost > under a send makes it fail with what is true: it may have been stored',
        ),
      ),
      mysql: joined(
        ofScenario(SCENARIO_10, 'mysql', SCENARIO_10.unconfirmed),
        tested(
          'test/integration/mysql/connection-loss.spec.ts',
          'a connection to MySQL that is lost > while sending leaves open whether it was stored, and says so',
        ),
      ),
    }),
  },
];
