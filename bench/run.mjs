import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

import { createBench, measure } from './harness/measure.mjs';
import { parseOptions, USAGE } from './harness/options.mjs';
import { leftOut, planRun } from './harness/plan.mjs';
import { findNode, installPackage, installPeers } from './harness/prepare.mjs';
import { renderTable } from './harness/table.mjs';
import { judge, renderVerdicts } from './harness/verdicts.mjs';

const report = (line) => process.stderr.write(`${line}\n`);

await main(parseOptions(process.argv.slice(2)));

async function main(options) {
  if (options.help) return void process.stdout.write(USAGE);
  installPeers(report);
  const node = findNode();
  const steps = planRun(options.only, node.major);
  if (steps.some(({ subjects }) => subjects.some(({ kind }) => kind === 'own'))) installPackage(report);
  for (const { name, minimumNode } of leftOut(node.major))
    report(`${name} needs Node.js ${minimumNode}: left out`);

  process.stdout.write(
    `Node.js ${node.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, median of ${options.settings.runs}\n\n`,
  );
  const outcomes = [];
  for (const step of steps) {
    const bench = createBench(
      step.transport,
      { node: node.path, profile: options.profile },
      options.settings,
    );
    const outcome = await measure(step, bench, report);
    process.stdout.write(`${renderTable(outcome)}\n`);
    outcomes.push(outcome);
  }
  conclude(outcomes, options, node);
}

function conclude(outcomes, { json, check, settings }, { version }) {
  const verdicts = judge(outcomes);
  if (verdicts.length > 0) process.stdout.write(`${renderVerdicts(verdicts)}\n`);
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ node: version, settings, outcomes, verdicts }, null, 2)}\n`);
  }
  if (check && verdicts.some(({ passed }) => !passed)) process.exitCode = 1;
}
