import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const outputs = join(root, 'dist/e2e');

const DEFAULT_FIXTURE = 'test/fixtures/e2e-app';

/** What any fixture application may import. */
const SHARED = ['lib', DEFAULT_FIXTURE];

/**
 * The folder of a fixture application, compiled with the library from the sources as they are now. Compiled once for each
 * state of the sources, also if several test processes need it at the same time.
 *
 * @param fixture its folder, from the root of the repository. @default test/fixtures/e2e-app
 * @param imported further folders that it imports from.
 */
export function compiledApp(fixture: string = DEFAULT_FIXTURE, imported: readonly string[] = []): string {
  const output = join(outputs, stateOf([...new Set([...SHARED, fixture, ...imported])]));
  if (!existsSync(output)) {
    compileTo(output, fixture);
  }
  return join(output, fixture);
}

function stateOf(folders: readonly string[]): string {
  const hash = createHash('sha1');
  for (const folder of folders) {
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      hash.update(`${path} ${statSync(join(root, folder, path)).mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 12);
}

function compileTo(output: string, fixture: string): void {
  mkdirSync(outputs, { recursive: true });
  const unfinished = mkdtempSync(join(outputs, 'unfinished-'));
  const tsc = ['node_modules/typescript-7/bin/tsc', '-p', fixture, '--outDir', unfinished];
  // Types are checked elsewhere: what was written in spite of an error is good enough to run.
  const { stdout } = spawnSync(process.execPath, tsc, { cwd: root, encoding: 'utf8' });
  if (!existsSync(join(unfinished, fixture))) {
    rmSync(unfinished, { recursive: true });
    throw new TypeError(`The fixture application does not compile:\n${stdout}`);
  }
  removeOld();
  try {
    renameSync(unfinished, output);
  } catch {
    // Another process was faster; what it compiled is the same.
    rmSync(unfinished, { recursive: true });
  }
}

/** What was compiled from earlier states, unless another test run may still use it. */
function removeOld(): void {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(outputs)) {
    // Another process may have renamed it meanwhile.
    const found = statSync(join(outputs, name), { throwIfNoEntry: false });
    if (found !== undefined && found.mtimeMs < anHourAgo) {
      rmSync(join(outputs, name), { recursive: true, force: true });
    }
  }
}
