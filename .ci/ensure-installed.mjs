// Installs the locked dependencies when they are missing or out of date. Plain Node: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mark = join(root, 'node_modules', '.messenger-lock-hash');
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
const hash = createHash('sha256').update(lock).digest('hex');

function readIfPresent(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** True when a hand-made `npm ci` or `npm install` already put every locked version in place. */
function isInstalledByHand() {
  const tree = readIfPresent(join(root, 'node_modules', '.package-lock.json'));
  if (tree === undefined) {
    return false;
  }
  const installed = JSON.parse(tree).packages;
  return Object.entries(JSON.parse(lock).packages).every(
    ([path, wanted]) =>
      path === '' ||
      installed[path]?.version === wanted.version ||
      (wanted.optional === true && installed[path] === undefined),
  );
}

function install() {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (result.error) {
    console.error(`npm could not be started: ${result.error.message}`);
  }
  return result.status ?? 1;
}

if (readIfPresent(mark)?.trim() !== hash) {
  if (!isInstalledByHand()) {
    console.log('Installing the locked dependencies (npm ci) ...');
    const status = install();
    if (status !== 0) {
      console.error('npm ci failed. Is the npm registry reachable, and is package-lock.json in step?');
      process.exit(status);
    }
  }
  writeFileSync(mark, `${hash}\n`);
}
