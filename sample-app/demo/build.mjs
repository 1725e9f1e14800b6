// Compiles the library and the sample application, unless what is compiled is newer than every source.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './processes.mjs';

const TSC = 'node_modules/typescript-7/bin/tsc';
const STEPS = [
  { name: 'library', project: 'lib/tsconfig.lib.json', source: 'lib', output: 'dist/lib/index.js' },
  {
    name: 'sample application',
    project: 'sample-app/tsconfig.app.json',
    source: 'sample-app',
    output: 'dist/main.js',
  },
];

export async function build(root, screen) {
  let sourceTime = changedAt(join(root, 'tsconfig.json'));
  for (const { name, project, source, output } of STEPS) {
    // The application is checked against the library, so it is also older than the library's sources.
    sourceTime = Math.max(sourceTime, newestIn(join(root, source)));
    if (changedAt(join(root, output)) > sourceTime) {
      screen.note(`The ${name} is compiled already.`);
      continue;
    }
    const startedAt = performance.now();
    const { exitCode, output: errors } = await runNode([TSC, '-p', project], { cwd: root, env: process.env });
    if (exitCode !== 0) {
      throw new Error(`The ${name} does not compile:\n${errors}`);
    }
    screen.note(`Compiled the ${name} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  }
}

function newestIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Math.max(0, ...files.map((file) => changedAt(join(file.parentPath ?? file.path, file.name))));
}

function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
