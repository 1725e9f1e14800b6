import { CHAOS_TRANSPORTS, type Protection } from '../scenario.js';
import { SCENARIO_31, SCENARIO_39 } from '../titles.js';
import { tests } from './scenario-tests.js';

export const PROTECTIONS_31_TO_40: readonly Protection[] = [
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
];
