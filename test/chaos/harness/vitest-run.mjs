import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const CONFIG = 'test/vitest.config.mts';

/** Why a test failed that took too long as a whole. */
export const TIMED_OUT = 'The test timed out.';

/** The full name of a test, as vitest matches and reports it. */
const plain = (name) => name.replaceAll(' > ', ' ');

/** @param {{ readonly file: string, readonly name: string }} test */
export const keyOf = ({ file, name }) => `${file}: ${plain(name)}`;

/**
 * Runs just these tests.
 *
 * @param {{ readonly root: string, readonly tests: ReadonlyArray<{ readonly file: string, readonly name: string }>,
 *   readonly config?: string, readonly env?: NodeJS.ProcessEnv, readonly output?: 'shown' | 'hidden' | 'stderr',
 *   readonly together?: number }} options `together`: how many tests of a file run at the same time
 * @returns {Promise<ReadonlyMap<string, { readonly state: string, readonly ms: number, readonly why?: string }>>} by the key of the
 *   test, with the first line of what failed it; those that did not run are not in it
 */
export async function runTests({ root, tests, config = CONFIG, env = {}, output = 'shown', together }) {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-chaos-report-'));
  const report = join(folder, 'report.json');
  const files = [...new Set(tests.map(({ file }) => file))];
  const names = [...new Set(tests.map(({ name }) => escaped(plain(name))))];
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    `--config=${config}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(together === undefined ? [] : [`--maxConcurrency=${together}`]),
    `--testNamePattern=^(${names.join('|')})$`,
    ...files,
  ];
  const stdio = { shown: 'inherit', hidden: 'ignore', stderr: ['inherit', 2, 2] }[output];
  try {
    await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio });
      child.once('error', reject);
      child.once('exit', resolve);
    });
    return resultsIn(JSON.parse(readFileSync(report, 'utf8')), root);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function resultsIn({ testResults }, root) {
  const results = new Map();
  for (const { name: path, assertionResults } of testResults) {
    for (const { fullName, status, duration, failureMessages } of assertionResults) {
      if (status === 'passed' || status === 'failed') {
        const file = relative(root, path);
        const ms = Math.round(duration ?? 0);
        results.set(keyOf({ file, name: fullName }), { state: status, ms, why: whyOf(failureMessages) });
      }
    }
  }
  return results;
}

/** The first line of what failed a test. When the time of the whole test was over, vitest has no more than a stack for it. */
function whyOf([message] = []) {
  const line = message?.split('\n')[0];
  return line === 'Error: STACK_TRACE_ERROR' ? TIMED_OUT : line;
}

function escaped(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
