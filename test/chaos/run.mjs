import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

import { parseOptions, USAGE, UsageError } from './harness/options.mjs';
import { LONG_RUNS, runLong } from './harness/long-run.mjs';
import { runWithoutProtections } from './harness/protection-run.mjs';
import { haveAllPassed, rowsOf, runScenarios } from './harness/scenario-run.mjs';
import { writeResults } from './harness/results.mjs';
import { renderMarkdown, renderTable } from './harness/table.mjs';
import { TIMED_OUT } from './harness/vitest-run.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const load = async (file) =>
  (await runnerImport(join(root, 'test/chaos/table', file), { root, logLevel: 'error' })).module;

const { SCENARIOS } = await load('scenarios.ts');
const { PROTECTIONS } = await load('protections/protections.ts');
const { CHAOS_TRANSPORTS } = await load('scenario.ts');
const { applyEdit } = await load('apply-edit.ts');

try {
  const known = { scenarios: SCENARIOS.map(({ number }) => number), transports: CHAOS_TRANSPORTS };
  process.exitCode = await main(parseOptions(process.argv.slice(2), known));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function main(options) {
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options.soak || options.random) return tryLong(options);
  return options.withoutProtections ? tryProtections(options) : tryScenarios(options);
}

async function tryLong({ soak, transports, seed, minutes = '1', results, json }) {
  const what = soak ? LONG_RUNS.soak : LONG_RUNS.random;
  const env = { CHAOS_SEED: seed ?? String(randomInt(2 ** 32)), CHAOS_MINUTES: minutes };
  const outcomes = await runLong(root, what, transports, { env, output: json ? 'stderr' : 'shown' });
  const rows = outcomes.map(({ transport, state }) => [transport, state]);
  const title = `${what.title}, ${minutes} minutes${soak ? '' : `, seed ${env.CHAOS_SEED}`}`;
  tell({ outcomes, table: [['transport', 'the run'], rows], title, results, json });
  return outcomes.every(({ state }) => state === 'passed') ? 0 : 1;
}

async function tryScenarios({ scenarios, transports, results, json }) {
  const chosen = SCENARIOS.filter(({ number }) => scenarios.includes(number));
  const output = json ? 'stderr' : 'shown';
  const outcomes = await runScenarios(root, chosen, transports, { env: {}, output });
  const table = [['scenario', 'fault', ...transports], rowsOf(outcomes, transports)];
  tell({ outcomes, table, title: 'Scenarios', results, json });
  return haveAllPassed(outcomes) ? 0 : 1;
}

async function tryProtections({ scenarios, transports, results, json }) {
  const isChosen = ({ name }) =>
    CHAOS_TRANSPORTS.every((each) => transports.includes(each) || !name.includes(`on ${each}`));
  const chosen = PROTECTIONS.filter(({ scenario }) => scenarios.includes(scenario))
    .map((protection) => ({ ...protection, tests: protection.tests.filter(isChosen) }))
    .filter(({ tests }) => tests.length > 0);
  const report = ({ scenario, what, state }) => process.stderr.write(`${scenario}: ${what}: ${state}\n`);
  const outcomes = await runWithoutProtections(root, chosen, applyEdit, report);
  const rows = outcomes.map(({ scenario, what, state }) => [String(scenario), what, state]);
  tell({
    outcomes,
    table: [['scenario', 'without this protection', 'the tests'], rows],
    title: 'Protections',
    results,
    json,
  });
  outcomes
    .filter(({ state }) => state !== 'noticed')
    .flatMap(({ tests }) => tests.filter(({ state }) => state !== 'failed'))
    .forEach(({ file, name, state }) =>
      process.stderr.write(`${state} although it has to fail: ${file} > ${name}\n`),
    );
  // Such a test may have noticed nothing but that the machine is busy.
  outcomes
    .flatMap(({ tests }) => tests.filter(({ why }) => why === TIMED_OUT))
    .forEach(({ file, name }) => process.stderr.write(`failed by its time-out only: ${file} > ${name}\n`));
  return outcomes.every(({ state }) => state === 'noticed') ? 0 : 1;
}

function tell({ outcomes, table: [header, rows], title, results, json }) {
  const commit = commitOf();
  process.stdout.write(
    json ? `${JSON.stringify({ commit, outcomes }, null, 2)}\n` : `\n${renderTable(header, rows)}`,
  );
  if (results !== undefined) {
    writeResults(results, title, `Measured at commit \`${commit}\`.\n\n${renderMarkdown(header, rows)}`);
  }
}

/** What is checked out, and whether there are changes to it. */
function commitOf() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ', with changes'}`;
  } catch {
    return 'unknown';
  }
}
