import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SHOWN = 30;

/** Prints the functions that took the most time of their own in the CPU profiles that `--profile` has written. */
const [directory, filter = ''] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('node bench/hot-frames.mjs DIR [part of a profile name]\n');
  process.exit(2);
}
const profiles = readdirSync(directory).filter(
  (file) => file.endsWith('.cpuprofile') && file.includes(filter),
);
process.stdout.write(profiles.map(render).join('\n'));

function render(name) {
  const { total, frames } = summarise(JSON.parse(readFileSync(join(directory, name), 'utf8')));
  const lines = frames
    .slice(0, SHOWN)
    .map(([label, self]) => `  ${((100 * self) / total).toFixed(1).padStart(5)} %  ${label}\n`);
  return `${name}: ${(total / 1e6).toFixed(2)} s\n${lines.join('')}`;
}

function summarise({ nodes, samples, timeDeltas }) {
  const labels = new Map(nodes.map(({ id, callFrame }) => [id, labelOf(callFrame)]));
  const self = new Map();
  let total = 0;
  samples.forEach((id, index) => {
    const label = labels.get(id);
    if (label === '(idle)') return;
    self.set(label, (self.get(label) ?? 0) + timeDeltas[index]);
    total += timeDeltas[index];
  });
  return { total, frames: [...self].sort((a, b) => b[1] - a[1]) };
}

function labelOf({ functionName, url, lineNumber }) {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : relative(ROOT, url);
  return `${name}  ${url.startsWith('node:') ? url : file}:${lineNumber + 1}`;
}
