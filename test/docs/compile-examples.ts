import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExampleFile } from './example-files.js';

const DIAGNOSTIC = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/;

/** The examples lie below the repository, so that the package's name means the package. */
const SETTINGS = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    rootDir: '../..',
    noEmit: true,
    composite: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ['.'],
  exclude: [],
};

/** Writes the examples into `folder`, which is two levels below the root, and emptied first. */
export function writeExamples(folder: string, files: readonly ExampleFile[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS));
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Compiles what {@link writeExamples} wrote. Returns each error with the page and the line that it is about. */
export function compileExamples(
  root: string,
  folder: string,
  files: readonly ExampleFile[],
): readonly string[] {
  const compiler = join(root, 'node_modules/typescript-7/bin/tsc');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [compiler, '-p', folder, '--pretty', 'false'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => !line.startsWith(' ')).map((line) => located(line, files));
  return status !== 0 && errors.length === 0 ? [`The compiler failed: ${stderr}`] : errors;
}

function located(line: string, files: readonly ExampleFile[]): string {
  const [, path, at, text] = DIAGNOSTIC.exec(line) ?? [];
  const file = files.find((candidate) => candidate.path === path);
  return file === undefined ? line : `${file.block.page}:${file.block.line + Number(at) - 1}: ${text}`;
}
