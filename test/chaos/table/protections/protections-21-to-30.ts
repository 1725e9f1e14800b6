import type { Protection } from '../scenario.js';
import { SCENARIO_24 } from '../titles.js';
import { tests, USUAL } from './scenario-tests.js';

export const PROTECTIONS_21_TO_30: readonly Protection[] = [
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
];
