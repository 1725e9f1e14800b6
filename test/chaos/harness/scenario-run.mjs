import { keyOf, runTests } from './vitest-run.mjs';

/**
 * Runs the tests of the scenarios, and tells what became of each pair of scenario and transport.
 *
 * @returns {Promise<ReadonlyArray<{ readonly scenario: number, readonly title: string, readonly transport: string,
 *   readonly state: string, readonly tests: readonly object[], readonly why?: string }>>}
 */
export async function runScenarios(root, scenarios, transports, { env, output }) {
  const pairs = scenarios.flatMap(({ number, title, on }) =>
    transports.map((transport) => ({ scenario: number, title, transport, coverage: on[transport] })),
  );
  const tests = pairs.flatMap(({ coverage }) => coverage.tests ?? []);
  const results = tests.length === 0 ? new Map() : await runTests({ root, tests, env, output });
  return pairs.map(({ coverage, ...pair }) => ({ ...pair, ...outcomeOf(coverage, results) }));
}

function outcomeOf(coverage, results) {
  if ('missing' in coverage) return { state: 'missing', tests: [] };
  if ('notApplicable' in coverage) return { state: 'n/a', tests: [], why: coverage.notApplicable };
  const tests = coverage.tests.map((test) => ({
    ...test,
    ...(results.get(keyOf(test)) ?? { state: 'did not run', ms: 0 }),
  }));
  const states = tests.map(({ state }) => state);
  const worst = ['failed', 'did not run', 'passed'].find((state) => states.includes(state));
  return { state: worst ?? 'did not run', tests };
}

/** Whether what was to run has passed. */
export function haveAllPassed(outcomes) {
  return outcomes.every(({ state }) => state !== 'failed' && state !== 'did not run');
}

/** One row for each scenario, one column for each transport. */
export function rowsOf(outcomes, transports) {
  const numbers = [...new Set(outcomes.map(({ scenario }) => scenario))];
  return numbers.map((number) => {
    const own = outcomes.filter(({ scenario }) => scenario === number);
    const states = transports.map((name) => own.find(({ transport }) => transport === name)?.state ?? '');
    return [String(number), own[0]?.title ?? '', ...states];
  });
}
