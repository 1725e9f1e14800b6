import {
  each,
  ENDS_WITH_ITS_PROCESS,
  inScenario,
  joined,
  notApplicable,
  ofScenario,
  on,
  tested,
  USUAL,
} from './coverage.js';
import { CHAOS_TRANSPORTS, type Scenario } from './scenario.js';
import { everywhere, STRANGE, strange } from './strange-messages.js';
import { SCENARIO_14, SCENARIO_15, SCENARIO_16, SCENARIO_7 } from './titles.js';

const ONLY_REDIS = notApplicable('It is about the replication and the memory of Redis.');
const DOCTOR_ON_REDIS = tested(
  'test/integration/redis/diagnosis.spec.ts',
  'the diagnosis of a Redis transport > finds a server that keeps nothing, or drops what does not fit',
);

const ONLY_STREAMS = notApplicable('It is about streams and their lists of pending entries.');

export const SCENARIOS_11_TO_20: readonly Scenario[] = [
  {
    number: 11,
    title: 'A failover of Redis loses the last writes, and perhaps the consumer group',
    on: on(
      {
        redis: [
          tested(
            'test/integration/redis/bounds.spec.ts',
            'a transport with "wait_replicas" > stores a message when a replica has it',
          ),
          tested(
            'test/integration/redis/connection-loss.spec.ts',
            'a server that falls silent > is not held to be silent while it waits for its replicas as it was told to',
          ),
          tested(
            'test/integration/redis/sentinel.spec.ts',
            'behind a Sentinel > an application follows a failover by kill within seconds, and so does a worker that waits',
            'a master that freezes > is replaced, followed by dispatches and workers, and does not win them back when it thaws',
          ),
          tested(
            'test/integration/redis/restart.spec.ts',
            'a server that is restarted while messages are handled > reports it as a warning that they are gone, if it has forgotten them, and the workers go on',
          ),
          tested(
            'test/integration/redis/deleted-keys.spec.ts',
            'XGROUP DESTROY > while nobody reads: the next fetch makes the group anew and misses nothing',
            'XGROUP DESTROY > while a worker waits: it makes the group anew at once, and misses nothing',
          ),
          DOCTOR_ON_REDIS,
        ].reduce(joined),
      },
      ONLY_REDIS,
    ),
  },
  {
    number: 12,
    title: 'The memory of Redis is full, or a policy evicts keys',
    on: on(
      {
        redis: [
          tested(
            'test/integration/redis/server-errors.spec.ts',
            'a server whose memory is full > makes a dispatch reject, delayed or not, alone or with others',
            'a server whose memory is full > is emptied by workers that start then: they handle, acknowledge, retry and take what is due',
            'a server whose memory is full > is emptied by workers that wait, which lose neither their place nor their connections',
            'a server whose memory is full > takes messages again when there is room',
          ),
          tested(
            'test/integration/redis/bounds.spec.ts',
            'a stream with "stream_max_entries" > drops neither what waits nor what is in hand, and has room again for each that is settled',
            'a stream with "stream_max_entries" from which nothing is deleted > makes room by dropping what is acknowledged, oldest first, and nothing else',
          ),
          DOCTOR_ON_REDIS,
        ].reduce(joined),
      },
      ONLY_REDIS,
    ),
  },
  {
    number: 13,
    title: 'Entries of a stream are deleted while they are pending',
    on: on(
      {
        redis: [
          tested(
            'test/integration/redis/recovery.spec.ts',
            ...[
              'by XDEL are dropped with a warning and counted, and those after them are delivered',
              'by XTRIM are dropped with a warning and counted, and those after them are delivered',
              'are dropped by a worker that resumes them as well',
              'are reported as lost when they are settled, which is no error',
              'are stored all the same when a retry takes their place',
            ].map((name) => `messages that were deleted from outside while they were pending > ${name}`),
          ),
          tested(
            'test/integration/redis/deleted-keys.spec.ts',
            'FLUSHALL > while a handler runs: its acknowledgement does not harm, and the worker goes on',
            'DEL of the stream > while a message is in hand: it is not handed out a second time by its own process',
          ),
          tested(
            'test/integration/redis/diagnosis.spec.ts',
            'the diagnosis of a Redis transport > finds that a stream was trimmed by somebody else',
          ),
        ].reduce(joined),
      },
      ONLY_STREAMS,
    ),
  },
  {
    number: 14,
    title: 'The database is restarted, or statements of a claim or a settlement collide',
    on: on(
      {
        sqlite: joined(
          tested(
            'test/integration/sqlite/processes.spec.ts',
            'several processes on one SQLite file > hand each message to one of them and lose none, with the driver "libsql"',
          ),
          tested(
            'test/integration/sqlite/failures.spec.ts',
            'SQLite transport with the driver "libsql" > says that another process holds the lock for too long, and goes on once it is gone',
          ),
        ),
        postgres: [
          tested(
            'test/integration/postgres/own-server.spec.ts',
            'a PostgreSQL server that is restarted > under load: nothing that was confirmed is lost, and nothing is handled without an end',
          ),
          tested(
            'test/integration/postgres/losses.spec.ts',
            SCENARIO_14.undone('PostgreSQL'),
            'a connection to PostgreSQL that is lost > under a settlement is no error: it is tried again',
          ),
          tested(
            'test/integration/postgres/contention.spec.ts',
            'eight workers on one PostgreSQL table > that claim, settle, prolong, give back and requeue at once see no error, and lose nothing',
          ),
        ].reduce(joined),
        mysql: [
          ofScenario(SCENARIO_7, 'mysql', SCENARIO_7.inHand),
          tested(
            'test/integration/mysql/connection-loss.spec.ts',
            SCENARIO_14.undone('MySQL'),
            'a connection to MySQL that is lost > while settling is made again, and the message settled once',
          ),
          tested(
            'test/integration/mysql/claims.spec.ts',
            'claims on MySQL with {"isMysql":false} > of 8 workers that receive, settle, requeue and prolong at once neither meet nor deadlock',
          ),
        ].reduce(joined),
      },
      notApplicable('It is about databases of SQL.'),
    ),
  },
  {
    number: 15,
    title: 'A handler always throws',
    on: on(
      each(CHAOS_TRANSPORTS, (transport) =>
        inScenario(SCENARIO_15.file, SCENARIO_15.title, transport, SCENARIO_15.failed),
      ),
    ),
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
