import { figuresOf } from './figures.mjs';

const inProcess = figuresOf('process');
const sqlite = figuresOf('sqlite');
const redis = figuresOf('redis');
const amqp = figuresOf('amqp');
const postgres = figuresOf('postgres');
const mysql = figuresOf('mysql');

const POSTGRES_PEERS = ['pg-boss', 'graphile-worker', 'graphile-worker-batch', 'bullmq-postgres'];

/**
 * The figures this package promises, as ratios to what runs beside it wherever the machine would decide otherwise.
 *
 * @type {readonly import('../types.d.ts').Target[]}
 */
export const TARGETS = [
  { ...inProcess.over('cqrs-event', 'dispatch', 'rate', 'dispatch'), atLeast: 1 },

  { ...sqlite.overFloor('produce', 'sequential', 'produce one by one'), atLeast: 0.6 },
  { ...sqlite.overFloor('produce', 'inFlight', 'produce with 100 in flight'), atLeast: 0.3 },
  { ...sqlite.overFloor('consume', 'c1', 'consume at concurrency 1'), atLeast: 0.35 },
  { ...sqlite.overFloor('consume', 'c100', 'consume at concurrency 100'), atLeast: 0.35 },
  { ...sqlite.over('plainjob', 'consume', 'c1', 'consume at concurrency 1'), atLeast: 5 },
  { ...sqlite.over('plainjob', 'consume', 'c100', 'consume at concurrency 100'), atLeast: 5 },
  { ...sqlite.absolute('latency', 'p50', 'latency p50, ms'), below: 1 },
  { ...sqlite.absolute('delayed', 'lost', 'delayed messages lost'), below: 1 },
  { ...sqlite.absolute('boot', 'boot', 'boot to the first message, ms'), below: 600 },
  { ...sqlite.absolute('idle', 'cpu', 'idle CPU, %'), below: 0.5 },
  { ...flatness(sqlite), atLeast: 0.85, below: 1.15 },

  { ...redis.overFloor('produce', 'sequential', 'produce one by one'), atLeast: 0.85 },
  { ...redis.overFloor('produce', 'inFlight', 'produce with 100 in flight'), atLeast: 0.6 },
  { ...redis.overFloor('consume', 'c1', 'consume at concurrency 1'), atLeast: 0.4 },
  { ...strict('c1', 'consume at concurrency 1, nothing prefetched'), atLeast: 0.9 },
  { ...redis.overFloor('consume', 'c100', 'consume at concurrency 100'), atLeast: 0.5 },
  { ...redis.over('bullmq', 'consume', 'c100', 'consume at concurrency 100'), atLeast: 3 },
  { ...redis.overFloor('latency', 'p50', 'latency p50'), below: 1.5 },
  { ...redis.absolute('delayed', 'p99', 'delayed, late p99, ms'), below: 10 },
  { ...redis.absolute('delayed', 'lost', 'delayed messages lost'), below: 1 },
  { ...redis.absolute('idle', 'cpu', 'idle CPU, %'), below: 0.5 },
  { ...flatness(redis), atLeast: 0.85, below: 1.15 },

  { ...amqp.overFloor('produce', 'sequential', 'produce one by one'), atLeast: 0.9 },
  { ...amqp.overFloor('produce', 'inFlight', 'produce with 100 in flight'), atLeast: 0.9 },
  { ...amqp.over('floor-amqp', 'consume', 'c1', 'consume at concurrency 1'), atLeast: 0.6 },
  { ...amqp.over('floor-amqp', 'consume', 'c100', 'consume at concurrency 100'), atLeast: 0.75 },
  { ...amqp.over('golevelup', 'consume', 'c1', 'consume at concurrency 1'), atLeast: 1 },
  { ...amqp.over('golevelup', 'consume', 'c100', 'consume at concurrency 100'), atLeast: 1 },
  { ...amqp.over('nest-rmq', 'consume', 'c1', 'consume at concurrency 1'), atLeast: 1 },
  { ...amqp.over('nest-rmq', 'consume', 'c100', 'consume at concurrency 100'), atLeast: 1 },
  { ...amqp.overFloor('latency', 'p50', 'latency p50'), below: 1.5 },
  { ...amqp.absolute('delayed', 'p99', 'delayed, late p99, ms'), below: 50 },
  { ...amqp.absolute('delayed', 'lost', 'delayed messages lost'), below: 1 },

  ...ofSqlServer(postgres, { each: 'floor-postgres', gathered: 'floor-postgres-gathered' }),
  ...POSTGRES_PEERS.flatMap((peer) => [
    { ...postgres.over(peer, 'consume', 'c1', 'consume at concurrency 1'), atLeast: 1 },
    { ...postgres.over(peer, 'consume', 'c100', 'consume at concurrency 100'), atLeast: 1 },
  ]),

  ...ofSqlServer(mysql, { each: 'floor-mysql', gathered: 'floor-mysql' }),
];

/** An idle worker sends at most one statement a second; a tenth is left for where the seconds are cut. */
function ofSqlServer(sql, floor) {
  return [
    { ...sql.over(floor.each, 'produce', 'sequential', 'produce one by one'), atLeast: 0.85 },
    { ...sql.over(floor.gathered, 'produce', 'inFlight', 'produce with 100 in flight'), atLeast: 0.5 },
    { ...sql.over(floor.each, 'consume', 'c1', 'consume at concurrency 1'), atLeast: 0.5 },
    { ...sql.over(floor.each, 'consume', 'c100', 'consume at concurrency 100'), atLeast: 0.5 },
    { ...sql.overFloor('latency', 'p50', 'latency p50'), below: 1.5 },
    { ...sql.absolute('delayed', 'p99', 'delayed, late p99, ms'), below: 25 },
    { ...sql.absolute('delayed', 'lost', 'delayed messages lost'), below: 1 },
    { ...sql.absolute('idle', 'cpu', 'idle CPU, %'), below: 0.5 },
    { ...sql.absolute('idle', 'statements', 'idle, statements a second'), below: 1.1 },
    { ...flatness(sql), atLeast: 0.85, below: 1.15 },
  ];
}

function flatness(figures) {
  return figures.absolute('growth', 'flatness', 'consume with more waiting, x with the fewest');
}

function strict(metric, text) {
  return redis.over('floor-redis-strict', 'consume', metric, text, 'messenger-redis-strict');
}
