import { CHAOS_TRANSPORTS, type Protection } from '../scenario.js';
import { SCENARIO_14, SCENARIO_15, SCENARIO_16 } from '../titles.js';
import { tested, testsOf, USUAL } from '../coverage.js';
import { tests } from './scenario-tests.js';

export const PROTECTIONS_11_TO_20: readonly Protection[] = [
  {
    scenario: 11,
    what: 'Redis is asked whether its replicas have the message',
    edits: [
      {
        file: 'lib/transports/redis/redis.replicas.ts',
        find: 'if (waitReplicas === 0) {',
        replace: 'if (waitReplicas >= 0) {',
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/redis/connection-loss.spec.ts',
        'a server that falls silent > is not held to be silent while it waits for its replicas as it was told to',
      ),
    ),
  },
  {
    scenario: 11,
    what: 'A consumer group that is gone is made anew, from the beginning of the stream',
    edits: [
      {
        file: 'lib/transports/redis/redis.consumer.ts',
        find: 'tries >= MAX_TRIES || ',
        replace: 'tries > 0 || ',
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/redis/deleted-keys.spec.ts',
        'XGROUP DESTROY > while nobody reads: the next fetch makes the group anew and misses nothing',
        'XGROUP DESTROY > while a worker waits: it makes the group anew at once, and misses nothing',
      ),
    ),
  },
  {
    scenario: 12,
    what: 'Who dispatches is told that the memory of Redis is full',
    edits: [
      {
        file: 'lib/transports/redis/redis.errors.ts',
        find: "if (code === 'OOM') {",
        replace: "if (code === 'oom') {",
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/redis/server-errors.spec.ts',
        'a server whose memory is full > makes a dispatch reject, delayed or not, alone or with others',
      ),
    ),
  },
  {
    scenario: 13,
    what: 'Entries that were deleted by others are noticed',
    edits: [
      {
        file: 'lib/transports/redis/redis.consumer.ts',
        find: 'this.#noticeDeleted(deleted);',
        replace: 'void deleted;',
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/redis/recovery.spec.ts',
        'messages that were deleted from outside while they were pending > by XDEL are dropped with a warning and counted, and those after them are delivered',
      ),
    ),
  },
  {
    scenario: 14,
    what: 'What PostgreSQL has undone is tried again',
    edits: [
      {
        file: 'lib/transports/sql/server/postgres/postgres.errors.ts',
        find: "const UNDONE = ['40001', '40P01'];",
        replace: 'const UNDONE: readonly string[] = [];',
      },
    ],
    tests: testsOf(tested('test/integration/postgres/losses.spec.ts', SCENARIO_14.undone('PostgreSQL'))),
  },
  {
    scenario: 14,
    what: 'What MySQL has undone is tried again',
    edits: [
      {
        file: 'lib/transports/sql/server/mysql/mysql.errors.ts',
        find: 'const CONFLICTS: readonly number[] = [1020, 1205, 1213, 3572];',
        replace: 'const CONFLICTS: readonly number[] = [];',
      },
    ],
    tests: testsOf(tested('test/integration/mysql/connection-loss.spec.ts', SCENARIO_14.undone('MySQL'))),
  },
  {
    scenario: 16,
    what: 'Deliveries are counted, and limited',
    edits: [
      {
        file: 'lib/middleware/reject-redelivered-message.middleware.ts',
        find: 'return deliveryCount > this.#maxDeliveries\n',
        replace: 'return deliveryCount < 0\n',
      },
    ],
    tests: tests(SCENARIO_16, USUAL, SCENARIO_16.limited),
  },
  {
    scenario: 15,
    what: 'Retries are limited',
    edits: [
      {
        file: 'lib/retry/multiplier.retry-strategy.ts',
        find: 'return retriesOf(envelope) < this.options.maxRetries;',
        replace: 'return retriesOf(envelope) < Number.POSITIVE_INFINITY;',
      },
    ],
    tests: tests(SCENARIO_15, CHAOS_TRANSPORTS, SCENARIO_15.failed),
  },
  {
    scenario: 15,
    what: 'Retries wait longer each time',
    edits: [
      {
        file: 'lib/retry/multiplier.retry-strategy.ts',
        find: 'delay * multiplier ** retriesOf(envelope)',
        replace: 'delay * multiplier ** 0',
      },
    ],
    tests: tests(SCENARIO_15, CHAOS_TRANSPORTS, SCENARIO_15.failed),
  },
];
