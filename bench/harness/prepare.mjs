import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BENCH = join(ROOT, 'bench');
const MODULES = join(BENCH, 'node_modules');

/** The Node.js the subjects run on. */
export function findNode() {
  const path = process.env.BENCH_NODE ?? join(MODULES, '.bin', 'node');
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1);
  return { path, version, major: Number.parseInt(version, 10) };
}

/** Installs what the lock files name, if that has not been done since they changed. */
export function installPeers(report) {
  for (const directory of [BENCH, join(BENCH, 'nest-11')]) {
    const installed = join(directory, 'node_modules', '.package-lock.json');
    const wanted = join(directory, 'package-lock.json');
    if (existsSync(installed) && modified(installed) >= modified(wanted)) continue;
    report(`installing the peers of ${relative(ROOT, directory)}`);
    run('npm', ['ci', '--prefix', directory, '--no-audit', '--no-fund']);
  }
}

/** Builds the package if it is older than its source, and installs it beside the peers. */
export function installPackage(report) {
  const built = join(ROOT, 'dist', 'lib', 'index.js');
  if (!existsSync(built) || modified(built) < newest(join(ROOT, 'lib'))) {
    report('building the package');
    run('npm', ['run', '--silent', 'build:lib']);
  }
  copyPackage();
}

/**
 * A copy rather than a link: Node.js resolves a link to its target, from where the package would find another
 * @nestjs/core than the subjects. A copy of this build is left alone, since another run may be using it.
 */
function copyPackage() {
  const target = join(MODULES, 'nestjs-messenger');
  const copied = join(target, 'package.json');
  const source = { manifest: join(ROOT, 'package.json'), build: join(ROOT, 'dist', 'lib') };
  if (existsSync(copied) && modified(copied) >= Math.max(modified(source.manifest), newest(source.build))) {
    return;
  }
  rmSync(target, { recursive: true, force: true });
  cpSync(source.build, join(target, 'dist', 'lib'), { recursive: true });
  cpSync(source.manifest, copied);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', process.stderr, 'inherit'] });
  if (status !== 0) throw new Error(`"${[command, ...args].join(' ')}" failed; its output is above.`);
}

function newest(directory) {
  const files = readdirSync(directory, { recursive: true }).map((name) => modified(join(directory, name)));
  return Math.max(...files);
}

function modified(path) {
  return statSync(path).mtimeMs;
}
