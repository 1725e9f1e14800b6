import bullmqPostgres from '../subjects/bullmq-postgres.mjs';
import bullmq from '../subjects/bullmq.mjs';
import cqrsCommand from '../subjects/cqrs-command.mjs';
import cqrsEvent from '../subjects/cqrs-event.mjs';
import floorAmqpStrict from '../subjects/floor-amqp-strict.mjs';
import floorAmqp from '../subjects/floor-amqp.mjs';
import floorMysql from '../subjects/floor-mysql.mjs';
import floorPostgresGathered from '../subjects/floor-postgres-gathered.mjs';
import floorPostgresStrict from '../subjects/floor-postgres-strict.mjs';
import floorPostgres from '../subjects/floor-postgres.mjs';
import floorProcess from '../subjects/floor-process.mjs';
import floorRedisStrict from '../subjects/floor-redis-strict.mjs';
import floorRedis from '../subjects/floor-redis.mjs';
import floorSqliteGathered from '../subjects/floor-sqlite-gathered.mjs';
import floorSqlite from '../subjects/floor-sqlite.mjs';
import golevelup from '../subjects/golevelup.mjs';
import graphileWorkerBatch from '../subjects/graphile-worker-batch.mjs';
import graphileWorker from '../subjects/graphile-worker.mjs';
import messengerAmqp from '../subjects/messenger-amqp.mjs';
import messengerMysql from '../subjects/messenger-mysql.mjs';
import messengerPostgresStrict from '../subjects/messenger-postgres-strict.mjs';
import messengerPostgres from '../subjects/messenger-postgres.mjs';
import messengerProcess from '../subjects/messenger-process.mjs';
import messengerRedisStrict from '../subjects/messenger-redis-strict.mjs';
import messengerRedis from '../subjects/messenger-redis.mjs';
import messengerSqlite from '../subjects/messenger-sqlite.mjs';
import nestRmq from '../subjects/nest-rmq.mjs';
import pgBoss from '../subjects/pg-boss.mjs';
import plainjob from '../subjects/plainjob.mjs';
import amqpTransport from '../transports/amqp.mjs';
import mysqlTransport from '../transports/mysql.mjs';
import postgresTransport from '../transports/postgres.mjs';
import processTransport from '../transports/process.mjs';
import redisTransport from '../transports/redis.mjs';
import sqliteTransport from '../transports/sqlite.mjs';
import boot from '../workloads/boot.mjs';
import consume from '../workloads/consume.mjs';
import delayed from '../workloads/delayed.mjs';
import dispatch from '../workloads/dispatch.mjs';
import growth from '../workloads/growth.mjs';
import idle from '../workloads/idle.mjs';
import latency from '../workloads/latency.mjs';
import produce from '../workloads/produce.mjs';

/** Everything there is to run. A new transport, subject or workload is one line here. */

/** @type {readonly import('../types.d.ts').Transport[]} */
export const TRANSPORTS = [
  processTransport,
  sqliteTransport,
  redisTransport,
  amqpTransport,
  postgresTransport,
  mysqlTransport,
];

/**
 * In the order in which they take turns.
 *
 * @type {readonly import('../types.d.ts').Subject[]}
 */
export const SUBJECTS = [
  floorProcess,
  cqrsCommand,
  cqrsEvent,
  messengerProcess,
  floorSqlite,
  floorSqliteGathered,
  plainjob,
  messengerSqlite,
  floorRedis,
  floorRedisStrict,
  bullmq,
  messengerRedis,
  messengerRedisStrict,
  floorAmqp,
  floorAmqpStrict,
  golevelup,
  nestRmq,
  messengerAmqp,
  floorPostgres,
  floorPostgresGathered,
  floorPostgresStrict,
  pgBoss,
  graphileWorker,
  graphileWorkerBatch,
  bullmqPostgres,
  messengerPostgres,
  messengerPostgresStrict,
  floorMysql,
  messengerMysql,
];

/** @type {readonly import('../types.d.ts').Workload[]} */
export const WORKLOADS = [dispatch, produce, consume, growth, latency, delayed, boot, idle];
