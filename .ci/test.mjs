// `npm test`: every check in order, stopping at the first that fails.
// `npm test -- <vitest arguments>`: only the build and those tests.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitestArgs = process.argv.slice(2);

const tsc = 'node_modules/typescript-7/bin/tsc';
const checks = [
  ['Format', 'node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'],
  ['Lint', 'node_modules/oxlint/bin/oxlint', '--type-aware'],
  ['Types', tsc, '-p', 'tsconfig.json', '--noEmit'],
];
const build = [
  ['Build the library', tsc, '-p', 'lib/tsconfig.lib.json'],
  ['Build the sample app', tsc, '-p', 'sample-app/tsconfig.app.json'],
];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.mts', ...vitestArgs];

function node(command) {
  const { status, signal, error } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  return { exitCode: status ?? 1, outcome: error?.message ?? signal ?? `exit code ${status}` };
}

for (const [title, ...command] of vitestArgs.length === 0 ? [...checks, ...build] : build) {
  console.log(`== ${title}`);
  const started = performance.now();
  const { exitCode, outcome } = node(command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (exitCode !== 0) {
    console.error(`== ${title} failed (${outcome}) after ${seconds} s`);
    process.exit(exitCode);
  }
  console.log(`   ${seconds} s`);
}

// Nothing is printed after the tests: their last line is the count.
console.log('== Tests');
process.exit(node(vitest).exitCode);
