import type { Protection } from '../scenario.js';
import {
  SCENARIO_1,
  SCENARIO_2,
  SCENARIO_3,
  SCENARIO_4,
  SCENARIO_5,
  SCENARIO_5_ORDER,
  SCENARIO_6,
  SCENARIO_7,
  SCENARIO_8,
  SCENARIO_9,
  SCENARIO_10,
} from '../titles.js';
import { tested, testsOf, USUAL } from '../coverage.js';
import { HALF_OPEN } from '../half-open.js';
import { ACK_FIRST, NEVER_TRIES_AGAIN, NO_INBOX, SETTLE_FIRST } from './edits.js';
import { tests } from './scenario-tests.js';

export const PROTECTIONS_1_TO_10: readonly Protection[] = [
  {
    scenario: 1,
    what: 'A message is acknowledged after its handler, not before',
    edits: [ACK_FIRST],
    tests: tests(SCENARIO_1, USUAL, SCENARIO_1.handedOn),
  },
  {
    scenario: 2,
    what: 'What was not acknowledged is handled again',
    edits: [ACK_FIRST],
    tests: tests(SCENARIO_2, USUAL, SCENARIO_2.again),
  },
  {
    scenario: 2,
    what: 'An idempotent handler asks its inbox',
    edits: [NO_INBOX],
    tests: tests(SCENARIO_2, USUAL, SCENARIO_2.skipped),
  },
  {
    scenario: 3,
    what: 'The copy and its original change places in one step',
    edits: [
      {
        file: 'lib/transport/settler.ts',
        find: 'isRequeueable(this.#receiver) && this.#receiver.canRequeueTo(target)',
        replace: 'target === undefined',
      },
    ],
    tests: tests(SCENARIO_3, ['sqlite', 'redis', 'postgres', 'mysql'], SCENARIO_3.atomic),
  },
  {
    scenario: 3,
    what: 'The copy is stored before its original is settled',
    edits: [SETTLE_FIRST],
    tests: tests(SCENARIO_3, ['amqp'], SCENARIO_3.copyAndOriginal, SCENARIO_3.onlyOriginal),
  },
  {
    scenario: 4,
    what: 'A message with an outbox is stored in the transaction, not sent',
    edits: [
      {
        file: 'lib/routing/transport-sender.ts',
        find: 'outbox === undefined\n        ? await sendBy(this.#transports.get(name), envelopes, transaction)',
        replace:
          'outbox === undefined || transaction !== undefined\n        ? await sendBy(this.#transports.get(name), envelopes, undefined)',
      },
    ],
    tests: tests(SCENARIO_4, USUAL, SCENARIO_4.notCommitted),
  },
  {
    scenario: 5,
    what: 'A relay takes off its outbox what the target has confirmed, and nothing before',
    edits: [
      {
        file: 'lib/worker/outbox-forwarder.ts',
        find: 'if (await claimed.isHeld()) {\n      await this.#send(copies);',
        replace: 'if (await claimed.settle(envelopes)) {\n      await this.#send(copies);',
      },
    ],
    tests: tests(SCENARIO_5, USUAL, SCENARIO_5.midBatch, SCENARIO_5.beforeSettling),
  },
  {
    scenario: 6,
    what: 'A worker that cannot read its transport goes on trying',
    edits: [NEVER_TRIES_AGAIN],
    tests: tests(SCENARIO_6, ['redis', 'amqp'], SCENARIO_6.restarted),
  },
  {
    scenario: 6,
    what: 'A worker whose transport does not answer is not ready',
    edits: [
      {
        file: 'lib/worker/worker-health.ts',
        find: 'if (failingSince !== undefined) {',
        replace: 'if (failingSince !== undefined && now < 0) {',
      },
    ],
    tests: tests(SCENARIO_6, ['postgres', 'mysql'], SCENARIO_6.restarted),
  },
  {
    scenario: 7,
    what: 'A settlement is tried again until the broker is back',
    edits: [
      {
        file: 'lib/transport/settler.ts',
        find: 'const delay = RETRY_AFTER_MS[attempt];',
        replace: 'const delay = RETRY_AFTER_MS[attempt + 100];',
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/redis/restart.spec.ts',
        'a server that is restarted while messages are handled > has them acknowledged late that were finished while it was down',
      ),
    ),
  },
  {
    scenario: 7,
    what: 'A worker that cannot read its transport goes on trying, with a message in hand',
    edits: [NEVER_TRIES_AGAIN],
    tests: tests(SCENARIO_7, ['mysql'], SCENARIO_7.inHand),
  },
  {
    scenario: 8,
    what: 'A worker that cannot read its transport at first goes on trying',
    edits: [NEVER_TRIES_AGAIN],
    tests: tests(SCENARIO_8, ['postgres', 'mysql'], SCENARIO_8.away),
  },
  {
    scenario: 9,
    what: 'Redis is given up that does not answer',
    edits: [
      {
        file: 'lib/transports/redis/redis.silence.ts',
        find: '    if (overdue.length > 0) {',
        replace: '    if (overdue.length < 0) {',
      },
    ],
    tests: tests(SCENARIO_9, ['redis'], SCENARIO_9.silent),
  },
  {
    scenario: 9,
    what: 'RabbitMQ is given up whose heartbeats are missing',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.connection-options.ts',
        find: 'heartbeat: settings.heartbeat ?? DEFAULT_HEARTBEAT_S,',
        replace: 'heartbeat: 3600,',
      },
    ],
    tests: tests(SCENARIO_9, ['amqp'], SCENARIO_9.silent),
  },
  {
    scenario: 9,
    what: 'PostgreSQL is given up that does not answer',
    edits: [
      {
        file: 'lib/transports/sql/server/postgres/postgres.link.ts',
        find: 'setTimeout(silent, this.#patience);',
        replace: 'setTimeout(silent, 3_600_000);',
      },
    ],
    tests: tests(SCENARIO_9, ['postgres'], SCENARIO_9.silent),
  },
  {
    scenario: 9,
    what: 'MySQL is given up that does not answer',
    edits: [
      {
        file: 'lib/transports/sql/server/mysql/mysql.connection.ts',
        find: '      }, this.#patience);',
        replace: '      }, 3_600_000);',
      },
    ],
    tests: tests(SCENARIO_9, ['mysql'], SCENARIO_9.silent),
  },
  {
    scenario: 9,
    what: 'A transaction of our own is ended by the server that hears nothing more of it',
    edits: [
      {
        file: 'lib/transports/sql/server/server.pool.ts',
        find: 'IDLE_LIMIT_MS = 5000;',
        replace: 'IDLE_LIMIT_MS = 3_600_000;',
      },
    ],
    tests: Object.values(HALF_OPEN).flatMap(testsOf),
  },
  {
    scenario: 10,
    what: 'A message for RabbitMQ is sent when that has confirmed it',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.confirms.ts',
        find: '      this.#cork.hold();\n',
        replace: "      this.#cork.hold();\n      pending.resolve('confirmed');\n",
      },
    ],
    tests: [
      ...tests(SCENARIO_10, ['amqp'], SCENARIO_10.unconfirmed),
      ...testsOf(
        tested(
          'test/integration/amqp/publisher.spec.ts',
          'a connection that is lost > leaves it uncertain whether an unconfirmed message was stored, and is replaced for the next',
        ),
      ),
    ],
  },
  {
    scenario: 10,
    what: 'Who dispatches is told that Redis may have the message',
    edits: [
      {
        file: 'lib/transports/redis/redis.session.ts',
        find: 'return !isAnswer && ',
        replace: 'return isAnswer && ',
      },
    ],
    tests: tests(SCENARIO_10, ['redis'], SCENARIO_10.unconfirmed),
  },
  {
    scenario: 10,
    what: 'Who dispatches is told that the database may have the message',
    edits: [
      {
        file: 'lib/transports/sql/server/server.inserts.ts',
        find: "if (fault !== 'lost') {",
        replace: 'if (fault !== undefined) {',
      },
    ],
    tests: tests(SCENARIO_10, ['postgres', 'mysql'], SCENARIO_10.unconfirmed),
  },
  {
    scenario: 5,
    what: 'Nobody gets a message of an outbox out of turn',
    edits: [
      {
        file: 'lib/transports/sql/sqlite/sqlite.statements.ts',
        find: 'AND NOT EXISTS (SELECT 1 FROM ${leased}) ORDER BY available_at, id LIMIT ?)',
        replace: 'AND NOT EXISTS (SELECT 1 FROM ${leased}) ORDER BY available_at, id DESC LIMIT ?)',
      },
    ],
    tests: tests(SCENARIO_5_ORDER, USUAL, SCENARIO_5_ORDER.inOrder),
  },
  {
    scenario: 5,
    what: 'Nobody gets a message of an outbox while anything of it is claimed',
    edits: [
      {
        file: 'lib/transports/sql/sqlite/sqlite.statements.ts',
        find: 'SELECT CASE WHEN EXISTS (SELECT 1 FROM ${leased}) THEN NULL',
        replace: 'SELECT CASE WHEN 0 AND EXISTS (SELECT 1 FROM ${leased}) THEN NULL',
      },
      {
        file: 'lib/transports/sql/sqlite/sqlite.statements.ts',
        find: 'AND NOT EXISTS (SELECT 1 FROM ${leased}) ORDER BY available_at, id LIMIT ?)',
        replace: 'AND (1 OR NOT EXISTS (SELECT 1 FROM ${leased})) ORDER BY available_at, id LIMIT ?)',
      },
    ],
    tests: tests(SCENARIO_5_ORDER, USUAL, SCENARIO_5_ORDER.inOrder),
  },
];
