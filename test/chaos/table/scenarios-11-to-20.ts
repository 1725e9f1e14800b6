import { each, ENDS_WITH_ITS_PROCESS, inScenario, notApplicable, on, tested } from './coverage.js';
import type { Scenario } from './scenario.js';
import { everywhere, STRANGE, strange } from './strange-messages.js';
import { SCENARIO_16 } from './titles.js';

const USUAL = ['sqlite', 'redis', 'amqp', 'postgres'] as const;

const ONLY_REDIS = notApplicable('It is about the replication and the memory of Redis.');
const ONLY_STREAMS = notApplicable('It is about streams and their lists of pending entries.');

export const SCENARIOS_11_TO_20: readonly Scenario[] = [
  {
    number: 11,
    title: 'A failover of Redis loses the last writes, and perhaps the consumer group',
    on: on(
      {
        redis: tested(
          'test/integration/redis/bounds.spec.ts',
          'a transport with "wait_replicas" > stores a message when a replica has it',
        ),
      },
      ONLY_REDIS,
    ),
  },
  {
    number: 12,
    title: 'The memory of Redis is full, or a policy evicts keys',
    on: on(
      {
        redis: tested(
          'test/integration/redis/diagnosis.spec.ts',
          'the diagnosis of a Redis transport > finds a server that keeps nothing, or drops what does not fit',
        ),
      },
      ONLY_REDIS,
    ),
  },
  {
    number: 13,
    title: 'Entries of a stream are deleted while they are pending',
    on: on(
      {
        redis: tested(
          'test/integration/redis/recovery.spec.ts',
          'messages that were deleted from outside while they were pending > are reported as lost when they are settled, which is no error',
          'messages that were deleted from outside while they were pending > are stored all the same when a retry takes their place',
        ),
      },
      ONLY_STREAMS,
    ),
  },
  {
    number: 14,
    title: 'The database is restarted, or statements of a claim or a settlement collide',
    on: on(
      {
        postgres: tested(
          'test/integration/postgres/own-server.spec.ts',
          'a PostgreSQL server that is restarted > under load: nothing that was confirmed is lost, and nothing is handled without an end',
        ),
        mysql: tested(
          'test/integration/mysql/claims.spec.ts',
          'claims on MySQL with {"isMysql":false} > of 8 workers that receive, settle, requeue and prolong at once neither meet nor deadlock',
        ),
      },
      notApplicable('It is about servers of SQL.'),
    ),
  },
  {
    number: 15,
    title: 'A handler always throws',
    on: on({}),
  },
  {
    number: 16,
    title: 'A message kills every process that handles it',
    on: on({
      'in-memory': ENDS_WITH_ITS_PROCESS,
      ...each(USUAL, (transport) =>
        inScenario(SCENARIO_16.file, SCENARIO_16.title, transport, SCENARIO_16.limited),
      ),
    }),
  },
  {
    number: 17,
    title: 'The body of a message cannot be decoded',
    on: everywhere((transport) => strange(transport, STRANGE.kept)),
  },
  {
    number: 18,
    title: 'The type of a message is unknown, or has no handler on this worker',
    on: everywhere((transport) => strange(transport, STRANGE.unknown)),
  },
  {
    number: 19,
    title: 'A message has an older or a newer version of its type',
    on: everywhere((transport) => strange(transport, STRANGE.versions)),
  },
  {
    number: 20,
    title: 'A message is huge',
    on: everywhere((transport) => strange(transport, STRANGE.sized, STRANGE.kept)),
  },
];
