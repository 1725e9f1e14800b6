import {
  CHAOS_TRANSPORTS,
  type ChaosTransport,
  type Coverage,
  type Scenario,
  type ScenarioTest,
} from './scenario.js';

/** Not written yet. */
export const MISSING: Coverage = { missing: true };

/** The transports whose crashes are tried by every scenario. */
export const USUAL = ['sqlite', 'redis', 'amqp', 'postgres', 'mysql'] as const;

/** For messages that do not leave their process. */
export const ENDS_WITH_ITS_PROCESS = notApplicable(
  'What is in memory ends with its process, and is promised to nobody after that.',
);

/** For what a server may do. */
export const NO_SERVER = notApplicable('There is no server, and no connection to one.');

export function notApplicable(why: string): Coverage {
  return { notApplicable: why };
}

/** Tests of one file, by their full names. */
export function tested(file: string, ...names: readonly string[]): Coverage {
  return { tests: names.map((name) => ({ file, name })) };
}

/** The tests of a file in `test/chaos/scenarios/` that it has for a transport, by their names after `on <transport> > `. */
export function inScenario(
  file: string,
  title: string,
  transport: ChaosTransport,
  ...names: readonly string[]
): Coverage {
  return tested(
    `test/chaos/scenarios/${file}.spec.ts`,
    ...names.map((name) => `${title} > on ${transport} > ${name}`),
  );
}

/** The same, by what `titles.ts` has of the scenario. */
export function ofScenario(
  { file, title }: { readonly file: string; readonly title: string },
  transport: ChaosTransport,
  ...names: readonly string[]
): Coverage {
  return inScenario(file, title, transport, ...names);
}

/** The tests of both. To be given to `reduce` for more. */
export function joined(one: Coverage, other: Coverage): Coverage {
  return { tests: [...testsOf(one), ...testsOf(other)] };
}

/** The coverage of each transport that is not named is `others`. */
export function on(
  covered: Partial<Readonly<Record<ChaosTransport, Coverage>>>,
  others: Coverage = MISSING,
): Scenario['on'] {
  const entries = CHAOS_TRANSPORTS.map((transport) => [transport, covered[transport] ?? others] as const);
  return Object.fromEntries(entries) as Record<ChaosTransport, Coverage>;
}

/** The same for several transports. */
export function each(
  transports: readonly ChaosTransport[],
  coverage: (transport: ChaosTransport) => Coverage,
): Partial<Record<ChaosTransport, Coverage>> {
  return Object.fromEntries(transports.map((transport) => [transport, coverage(transport)]));
}

export function testsOf(coverage: Coverage): readonly ScenarioTest[] {
  return 'tests' in coverage ? coverage.tests : [];
}
