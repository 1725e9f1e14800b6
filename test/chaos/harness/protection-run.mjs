import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyOf, runTests } from './vitest-run.mjs';

/** What the tests need of the repository. */
const COPIED = ['lib', 'test', 'docs', 'sample-app', 'package.json', 'tsconfig.json'];

/** How many tests of a file run at the same time: more would wait for the processes of each other until their deadlines. */
const TOGETHER = 2;

/** How long a test waits for what will not come without its protection, in milliseconds. A busy machine needs more. */
const DEADLINE_MS = process.env.CHAOS_DEADLINE_MS ?? '20000';

/**
 * Takes one protection after the other out of a copy of the repository, and runs the tests that have to notice.
 *
 * @param applyEdit see `test/chaos/table/apply-edit.ts`
 * @param report called with each outcome as it is known
 */
export async function runWithoutProtections(root, protections, applyEdit, report) {
  const copy = mkdtempSync(join(tmpdir(), 'messenger-unprotected-'));
  const leave = () => {
    rmSync(copy, { recursive: true, force: true });
    process.exit(1);
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
  try {
    for (const name of COPIED) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const outcomes = [];
    for (const protection of protections) {
      const outcome = await tryWithout(copy, protection, applyEdit);
      report(outcome);
      outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function tryWithout(copy, { scenario, what, edits, tests }, applyEdit) {
  const undo = edits.map((edit) => applyEdit(copy, edit));
  try {
    const env = { CHAOS_DEADLINE_MS: DEADLINE_MS, CI: '' };
    const results = await runTests({ root: copy, tests, env, output: 'hidden', together: TOGETHER });
    const states = tests.map((test) => ({
      ...test,
      state: 'did not run',
      ...results.get(keyOf(test)),
    }));
    const state = states.every((test) => test.state === 'failed') ? 'noticed' : 'NOT NOTICED';
    return { scenario, what, state, tests: states };
  } finally {
    undo.reverse().forEach((restore) => restore());
  }
}
