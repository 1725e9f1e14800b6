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
const tests = [
  'Tests',
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'test/vitest.config.mts',
  ...vitestArgs,
];

function run([title, ...command]) {
  console.log(`== ${title}`);
  const started = performance.now();
  const { status, signal } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    if (command !== undefined && title !== 'Tests') {
      console.error(`== ${title} failed (${signal ?? `exit code ${status}`}) after ${seconds} s`);
    }
    process.exit(status ?? 1);
  }
  if (title !== 'Tests') {
    console.log(`   ${seconds} s`);
  }
}

// Nothing is printed after the tests: their last line is the count.
for (const step of [...(vitestArgs.length === 0 ? checks : []), ...build, tests]) {
  run(step);
}
