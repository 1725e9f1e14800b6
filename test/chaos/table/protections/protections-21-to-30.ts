import type { Protection } from '../scenario.js';
import { SCENARIO_23, SCENARIO_24, SCENARIO_29 } from '../titles.js';
import { NO_INBOX, SETTLE_FIRST } from './edits.js';
import { tests, USUAL, WITH_RIG } from './scenario-tests.js';

export const PROTECTIONS_21_TO_30: readonly Protection[] = [
  {
    scenario: 23,
    what: 'An idempotent handler asks its inbox, also while another delivery is handled',
    edits: [NO_INBOX],
    tests: tests(SCENARIO_23, WITH_RIG, SCENARIO_23.once),
  },
  {
    scenario: 24,
    what: 'SQLite settles for the owner of a claim only',
    edits: [
      {
        file: 'lib/transports/sql/sqlite/sqlite.statements.ts',
        find: "const MINE = 'WHERE id = ? AND owner = ?';",
        replace: "const MINE = 'WHERE id = ? AND (owner = ? OR owner IS NOT NULL)';",
      },
    ],
    tests: tests(SCENARIO_24, ['sqlite'], SCENARIO_24.refused),
  },
  {
    scenario: 24,
    what: 'Redis settles for the consumer that has the message only',
    edits: [
      {
        file: 'lib/transports/redis/scripts/settling.scripts.ts',
        find: 'if not holds[claims[i]] then',
        replace: 'if false then',
      },
    ],
    tests: tests(SCENARIO_24, ['redis'], SCENARIO_24.refused),
  },
  {
    scenario: 24,
    what: 'PostgreSQL settles for the owner of a claim only',
    edits: [
      {
        file: 'lib/transports/sql/server/postgres/postgres.statements.ts',
        find: ' AND owner = claim.token RETURNING id, owner`',
        replace: ' RETURNING id, claim.token AS owner`',
      },
    ],
    tests: tests(SCENARIO_24, ['postgres'], SCENARIO_24.refused),
  },
  {
    scenario: 24,
    what: 'A handler is told that its message was lost',
    edits: [
      {
        file: 'lib/worker/lease-keeper.ts',
        find: 'aborted.forEach((delivery) => delivery.abort(error));',
        replace: 'void aborted;',
      },
    ],
    tests: tests(SCENARIO_24, USUAL, SCENARIO_24.told),
  },
  {
    scenario: 29,
    what: 'A failed message is settled when its copy is stored, and not before',
    edits: [SETTLE_FIRST],
    tests: tests(SCENARIO_29, WITH_RIG, SCENARIO_29.kept),
  },
  {
    scenario: 29,
    what: 'A message whose copy could not be stored waits before it is tried again',
    edits: [
      {
        file: 'lib/failure/failure-handler.ts',
        find: 'const STORE_FAILED_MS = 5_000;',
        replace: 'const STORE_FAILED_MS = 1;',
      },
    ],
    tests: tests(SCENARIO_29, WITH_RIG, SCENARIO_29.kept),
  },
];
