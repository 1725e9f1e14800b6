import { parseArgs } from 'node:util';

import { FULL, LARGE, QUICK } from './settings.mjs';

export const USAGE = `node bench/run.mjs [names] [options]

  a b, --only=a,b only these transports, workloads or subjects, by name
  --runs=N        runs of each subject, in turn; the median counts (default 3)
  --quick         one short run of everything: a look, not a measurement
  --large         "growth" with 1,000,000 messages waiting, too
  --json=FILE     write every sample and median to FILE
  --profile=DIR   write CPU profiles to DIR; read them with bench/hot-frames.mjs
  --check         exit with 1 if a figure misses its target
  --help

BENCH_NODE=/path/to/node runs the subjects on another Node.js.
BENCH_REDIS_URL=redis://host:port measures on another Redis (default redis://127.0.0.1:6379).
BENCH_AMQP_URL=amqp://host:port/vhost measures on another RabbitMQ (default amqp://guest:guest@127.0.0.1:5672).
BENCH_POSTGRES_URL=postgres://user@host:port/database, on another PostgreSQL (default postgres://root@127.0.0.1:5432/test).
BENCH_MYSQL_URL=mysql://user@host:port/database, on another MySQL or MariaDB (default mysql://root@127.0.0.1:3306/test).
`;

/**
 * @param {readonly string[]} args
 * @returns {import('../types.d.ts').Options}
 */
export function parseOptions(args) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', default: '' },
      runs: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      large: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    only: [values.only, ...positionals].flatMap((names) => names.split(',')).filter((name) => name !== ''),
    json: values.json,
    profile: values.profile,
    check: values.check,
    help: values.help,
    settings: settingsFor(values),
  };
}

function settingsFor({ quick, large, runs }) {
  const settings = quick ? QUICK : FULL;
  return {
    ...settings,
    growth: large ? [...settings.growth, LARGE] : settings.growth,
    runs: parseRuns(runs, settings.runs),
  };
}

function parseRuns(text, fallback) {
  if (text === undefined) return fallback;
  const runs = Number(text);
  if (Number.isInteger(runs) && runs > 0) return runs;
  throw new Error(`--runs takes a whole number from 1 on, not "${text}".`);
}
