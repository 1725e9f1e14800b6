import { each, on, tested, testsOf } from './coverage.js';
import {
  CHAOS_TRANSPORTS,
  type ChaosTransport,
  type Coverage,
  type Scenario,
  type ScenarioTest,
} from './scenario.js';

/** What the suites of `test/fixtures/` call a transport. */
const BROKERS: Readonly<Record<ChaosTransport, string>> = {
  'in-memory': 'memory',
  sqlite: 'SQLite',
  redis: 'Redis',
  amqp: 'RabbitMQ',
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
};

/** The names of the tests in `test/fixtures/hostile-suite.ts`. */
export const STRANGE = {
  kept: 'are kept as they came with the reason, and hold up no other',
  sized: 'of any size are kept',
  right:
    'that are right in what matters are handled: without stamps, with those of a newer version, with half a character',
  opaque: 'of a newer version keep what this one does not know when they fail',
  unknown: 'of a type that only newer workers know are tried again until one of them has it',
  versions:
    'of another version of their type are handled if they satisfy its schema, and else fail at once with the name of the field',
  thrown: 'are no worse than handlers that throw what is no error',
} as const;

/** The names of the tests in `test/fixtures/signing-suite.ts`. */
export const FORGED = {
  refused: 'that are forged reach no handler, and are kept as they came',
  retried: 'that are forged are not made genuine by a retry, here or where they came from',
} as const;

/** The names of the tests of long names in the same suite. */
export const LONG = {
  whole: 'are taken whole',
  refused: 'are refused at the start with their limit, where there is one',
} as const;

/** Names that are tried. */
export const NAMES = ['may be очередь ☃ 😀', 'may be a\'b"c`d', 'may be x; DROP TABLE y --'] as const;

const hostileSpec = (transport: ChaosTransport) => `test/integration/${transport}/hostile.spec.ts`;

/** Tests of the suite of strange messages, on a transport. */
export function strange(transport: ChaosTransport, ...names: readonly string[]): Coverage {
  const suite = `strange messages in ${BROKERS[transport]}`;
  return tested(hostileSpec(transport), ...names.map((name) => `${suite} > ${name}`));
}

/** Tests of the suite of signed messages, on a transport. */
export function forged(transport: ChaosTransport, ...names: readonly string[]): Coverage {
  const suite = `signed messages in ${BROKERS[transport]}`;
  return tested(
    `test/integration/${transport}/signing.spec.ts`,
    ...names.map((name) => `${suite} > ${name}`),
  );
}

/** Tests of the suite of long names, on a transport. */
export function longNames(transport: ChaosTransport, ...names: readonly string[]): Coverage {
  return tested(
    hostileSpec(transport),
    ...names.map((name) => `long names in ${BROKERS[transport]} > ${name}`),
  );
}

/** The tests of the names of queues and the like, on a transport; `long` are those of the suite of long names. */
export function named(transport: ChaosTransport, ...long: readonly string[]): Coverage {
  const names = NAMES.map((name) => `names in ${BROKERS[transport]} > ${name}`);
  return {
    tests: [...testsOf(tested(hostileSpec(transport), ...names)), ...testsOf(longNames(transport, ...long))],
  };
}

/** The same on all six transports. */
export function everywhere(coverage: (transport: ChaosTransport) => Coverage): Scenario['on'] {
  return on(each(CHAOS_TRANSPORTS, coverage));
}

/** The tests of all six transports. */
export function testsEverywhere(coverage: (transport: ChaosTransport) => Coverage): readonly ScenarioTest[] {
  return CHAOS_TRANSPORTS.flatMap((transport) => testsOf(coverage(transport)));
}
