import { CHAOS_TRANSPORTS, type Protection } from '../scenario.js';
import {
  SCENARIO_23,
  SCENARIO_24,
  SCENARIO_25,
  SCENARIO_27,
  SCENARIO_28,
  SCENARIO_29,
  SCENARIO_30,
} from '../titles.js';
import { NO_INBOX, SETTLE_FIRST } from './edits.js';
import { USUAL } from '../coverage.js';
import { tests } from './scenario-tests.js';

export const PROTECTIONS_21_TO_30: readonly Protection[] = [
  {
    scenario: 23,
    what: 'An idempotent handler asks its inbox, also while another delivery is handled',
    edits: [NO_INBOX],
    tests: tests(SCENARIO_23, USUAL, SCENARIO_23.once),
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
    scenario: 24,
    what: 'MySQL settles for the owner of a claim only',
    edits: [
      {
        file: 'lib/transports/sql/server/mysql/mysql.rows.ts',
        find: "'(id IN (?) AND owner = ?)', [ids,",
        replace: `'(id IN (?) AND ? <> "" AND owner <> "")', [ids,`,
      },
    ],
    tests: tests(SCENARIO_24, ['mysql'], SCENARIO_24.refused),
  },
  {
    scenario: 25,
    what: 'A worker begins nothing whose lease may have ended',
    edits: [
      {
        file: 'lib/worker/held-lease.ts',
        find: 'return this.#isOver(this.#since);',
        replace: 'return false;',
      },
    ],
    // Where the answer of the transport comes at once, it may come before the next message is begun.
    tests: [
      ...tests(SCENARIO_25, ['postgres', 'mysql'], SCENARIO_25.takenOver),
      {
        file: 'test/unit/worker/standstill.spec.ts',
        name: 'messages that were read ahead by a worker whose event loop stood still for longer than their lease > are not begun if another worker has them',
      },
    ],
  },
  {
    scenario: 25,
    what: 'An event loop that stood still is told',
    edits: [
      {
        file: 'lib/worker/worker.ts',
        find: 'this.#watch.look(lateness);',
        replace: 'void lateness;',
      },
    ],
    tests: tests(SCENARIO_25, USUAL, SCENARIO_25.takenOver),
  },
  {
    scenario: 26,
    what: 'A worker whose clock was set back does not pause until it has caught up',
    edits: [
      {
        file: 'lib/worker/receiver-feed.ts',
        find: 'const elapsed = Math.max(0, clock.now() - startedAt);',
        replace: 'const elapsed = clock.now() - startedAt;',
      },
    ],
    tests: [
      {
        file: 'test/unit/worker/standstill.spec.ts',
        name: 'a worker whose clock is set back while it waits for messages > goes on asking for them',
      },
    ],
  },
  {
    scenario: 27,
    what: 'A worker that stops gives back what it has not begun',
    edits: [
      {
        file: 'lib/worker/give-back.ts',
        find: 'await receiver.release(unstarted);',
        replace: 'await Promise.resolve();',
      },
    ],
    tests: tests(SCENARIO_27, ['in-memory', 'sqlite', 'redis', 'postgres', 'mysql'], SCENARIO_27.finishes),
  },
  {
    scenario: 27,
    what: 'The second signal ends the process',
    edits: [
      {
        file: 'lib/console/process-signals.ts',
        find: 'this.#host.exit(128 + constants.signals[signal]);',
        replace: 'void constants;',
      },
    ],
    tests: tests(SCENARIO_27, USUAL, SCENARIO_27.again),
  },
  {
    scenario: 28,
    what: 'A handler whose time is over has failed, whether it ends or not',
    edits: [
      {
        file: 'lib/handler/handler-timeout.ts',
        find: '      reject(error);\n',
        replace: '      void reject;\n',
      },
    ],
    tests: tests(SCENARIO_28, CHAOS_TRANSPORTS, SCENARIO_28.timeOut),
  },
  {
    scenario: 28,
    what: 'A worker that stops waits for its grace period, and no longer',
    edits: [
      {
        file: 'lib/worker/worker.ts',
        find: '(await isSettledWithin(options.grace, Promise.all',
        replace: '(await isSettledWithin(options.grace * 100, Promise.all',
      },
    ],
    tests: tests(SCENARIO_28, CHAOS_TRANSPORTS, SCENARIO_28.stops),
  },
  {
    scenario: 30,
    what: 'Chance spreads retries over time',
    edits: [
      {
        file: 'lib/retry/multiplier.retry-strategy.ts',
        find: 'base - spread + 2 * spread * this.#random()',
        replace: 'base + 0 * spread * this.#random()',
      },
    ],
    tests: tests(SCENARIO_30, CHAOS_TRANSPORTS, SCENARIO_30.spread),
  },
  {
    scenario: 29,
    what: 'A failed message is settled when its copy is stored, and not before',
    edits: [SETTLE_FIRST],
    tests: tests(SCENARIO_29, USUAL, SCENARIO_29.kept),
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
    tests: tests(SCENARIO_29, USUAL, SCENARIO_29.kept),
  },
];
