import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export const ROOT = join(__dirname, '../..');

/** A TypeScript file of `lib/`. Paths are relative to `lib/`, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** The files of `lib/` it imports, types included. */
  readonly imports: readonly string[];
  /** The packages it imports at run time. */
  readonly packages: readonly string[];
}

const FROM = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gms;

export function readSources(): readonly SourceFile[] {
  const lib = join(ROOT, 'lib');
  return readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(lib, file));
}

function read(lib: string, file: string): SourceFile {
  const text = readFileSync(join(lib, file), 'utf8');
  const found = [...text.matchAll(FROM)].map(([, type, from, bare]) => ({
    type,
    target: from ?? bare ?? '',
  }));
  return {
    path: slashes(file),
    text,
    imports: found
      .filter(({ target }) => target.startsWith('.'))
      .map(({ target }) => slashes(relative(lib, join(lib, dirname(file), target))).replace(/\.js$/, '.ts')),
    packages: found
      .filter(({ type, target }) => type === undefined && !target.startsWith('.'))
      .map(({ target }) => target),
  };
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}

/** The folder a file belongs to: `transports/sqlite` for transports, else the first one. */
export function folderOf(path: string): string {
  const parts = path.split('/');
  return parts.length === 1 ? '' : parts[0] === 'transports' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

/** Groups of files that import each other in a circle. */
export function findCycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const imports = new Map(files.map(({ path, imports: targets }) => [path, targets]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[][] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path]);
    } else if (!state.has(path)) {
      state.set(path, 'open');
      imports.get(path)?.forEach((target) => visit(target, [...trail, path]));
      state.set(path, 'done');
    }
  };
  files.forEach(({ path }) => visit(path, []));
  return cycles;
}
