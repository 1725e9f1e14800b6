import { tested, testsOf } from '../coverage.js';
import { CHAOS_TRANSPORTS, type Protection } from '../scenario.js';
import {
  ANOTHER_AUTHORITY,
  READ_ONLY_FILE,
  SCENARIO_31,
  SCENARIO_32,
  SCENARIO_33,
  SCENARIO_39,
} from '../titles.js';
import { NEVER_TRIES_AGAIN } from './edits.js';
import { tests } from './scenario-tests.js';

export const PROTECTIONS_31_TO_40: readonly Protection[] = [
  {
    scenario: 32,
    what: 'A worker whose store refuses its claims goes on trying',
    edits: [NEVER_TRIES_AGAIN],
    tests: [
      ...tests(READ_ONLY_FILE, ['sqlite'], READ_ONLY_FILE.readOnly),
      ...tests(SCENARIO_32, ['postgres', 'mysql'], SCENARIO_32.full),
    ],
  },
  {
    scenario: 32,
    what: 'A worker whose broker takes no messages is not ready',
    edits: [
      {
        file: 'lib/worker/worker-health.ts',
        find: 'if (blockedReason !== undefined) {',
        replace: "if (blockedReason === '') {",
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/amqp/own-broker.spec.ts',
        'the health of a worker > is bad while its broker is low on memory, although that answers',
      ),
    ),
  },
  {
    scenario: 33,
    what: 'A worker that is not let in goes on trying',
    edits: [NEVER_TRIES_AGAIN],
    tests: [
      ...tests(SCENARIO_33, ['redis', 'postgres'], SCENARIO_33.password),
      ...tests(ANOTHER_AUTHORITY, ['redis', 'postgres', 'mysql'], ANOTHER_AUTHORITY.refused),
    ],
  },
  {
    scenario: 33,
    what: 'A server is not talked to whose certificate is of an authority that was not named',
    edits: [
      {
        file: 'lib/transports/redis/redis.tls.ts',
        find: 'withoutUndefined(tls)));',
        replace: 'withoutUndefined({ ...tls, rejectUnauthorized: false })));',
      },
      {
        file: 'lib/transports/amqp/amqp.tls.ts',
        find: '...(verify !== undefined && { rejectUnauthorized: verify }),',
        replace: '...{ verify, rejectUnauthorized: false },',
      },
      {
        file: 'lib/transports/sql/server/postgres/postgres.tls.ts',
        find: 'rejectUnauthorized: isVerified,',
        replace: 'rejectUnauthorized: isVerified && false,',
      },
      {
        file: 'lib/transports/sql/server/mysql/mysql.tls.ts',
        find: "rejectUnauthorized: mode !== 'required',",
        replace: 'rejectUnauthorized: false,',
      },
    ],
    tests: tests(ANOTHER_AUTHORITY, ['redis', 'amqp', 'postgres', 'mysql'], ANOTHER_AUTHORITY.refused),
  },
  {
    scenario: 34,
    what: 'RabbitMQ’s refusal of a declaration is explained',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.topology-errors.ts',
        find: 'if (code === 406) {',
        replace: 'if (code === 4060) {',
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/amqp/topology.spec.ts',
        'What exists with other arguments > is named with what differs and how to migrate, and nothing is deleted',
        'What exists with other arguments > is named for an exchange too',
      ),
    ),
  },
  {
    scenario: 35,
    what: 'The end of a channel is noticed, and what was received on it not settled',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.subscription.ts',
        find: "channel.on('close', () => this.#end());",
        replace: "channel.on('close', () => undefined);",
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/amqp/broker-features.spec.ts',
        'a handler that takes longer than the "consumer_timeout" of the broker > has its message taken away, is told why, and settles nothing any more',
      ),
    ),
  },
  {
    scenario: 31,
    what: 'An inbox knows a message by the id it was given',
    edits: [
      {
        file: 'lib/inbox/idempotent-handling.ts',
        find: '!(await inbox.record(transaction, { messageId, handlerName }))',
        replace: "messageId === ''",
      },
    ],
    tests: tests(SCENARIO_31, CHAOS_TRANSPORTS, SCENARIO_31.once),
  },
  {
    scenario: 39,
    what: 'SQLite claims what is due',
    edits: [
      {
        file: 'lib/transports/sql/sqlite/sqlite.statements.ts',
        find: 'FROM ${free} AND available_at <= ? ORDER BY available_at, id LIMIT ?)',
        replace: 'FROM ${free} AND available_at <= ? + 1e9 ORDER BY available_at, id LIMIT ?)',
      },
    ],
    tests: tests(SCENARIO_39, ['sqlite'], SCENARIO_39.wait),
  },
  {
    scenario: 39,
    what: 'PostgreSQL claims what is due',
    edits: [
      {
        file: 'lib/transports/sql/server/postgres/postgres.statements.ts',
        find: 'const due = `queue_name = $3 AND available_at <= ${NOW} AND',
        replace: 'const due = `queue_name = $3 AND available_at <= ${NOW} + 1e9 AND',
      },
    ],
    tests: tests(SCENARIO_39, ['postgres'], SCENARIO_39.wait),
  },
  {
    scenario: 39,
    what: 'MySQL claims what is due',
    edits: [
      {
        file: 'lib/transports/sql/server/mysql/mysql.statements.ts',
        find: 'available_at >= ? AND available_at <= ${NOW} AND',
        replace: 'available_at >= ? AND available_at <= ${NOW} + 1e9 AND',
      },
    ],
    tests: tests(SCENARIO_39, ['mysql'], SCENARIO_39.wait),
  },
  {
    scenario: 39,
    what: 'Redis moves what is due',
    edits: [
      {
        file: 'lib/transports/redis/scripts/sending.scripts.ts',
        find: "string.format('%.3f', now), 'LIMIT'",
        replace: "string.format('%.3f', now + 1e9), 'LIMIT'",
      },
    ],
    tests: tests(SCENARIO_39, ['redis'], SCENARIO_39.wait),
  },
  {
    scenario: 39,
    what: 'A delay queue of RabbitMQ keeps its messages until they are due',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.delays.ts',
        find: "'x-message-ttl': bucket,",
        replace: "'x-message-ttl': 1,",
      },
    ],
    tests: tests(SCENARIO_39, ['amqp'], SCENARIO_39.wait),
  },
  {
    scenario: 39,
    what: 'What is in memory is claimed when it is due',
    edits: [
      {
        file: 'lib/transports/in-memory/message-store.ts',
        find: 'if (first === undefined || first.availableAt > now) {',
        replace: 'if (first === undefined || first.availableAt > now + 1e9) {',
      },
    ],
    tests: tests(SCENARIO_39, ['in-memory'], SCENARIO_39.wait),
  },
];
