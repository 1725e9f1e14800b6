import { describe, expect, it } from 'vitest';
import { findCycles, folderOf, readSources, type SourceFile } from './source-files.js';

/** From the bottom to the top. A folder imports from folders above it in this list only. */
const LAYERS: readonly (readonly string[])[] = [
  ['envelope'],
  ['errors'],
  ['stamp', 'event'],
  ['message', 'retry'],
  ['handler', 'serializer', 'decorator'],
  ['transport'],
  ['routing', 'failure', 'inbox', 'transports/*'],
  ['middleware'],
  ['bus'],
  ['worker', 'transports/sync'],
  ['discovery', 'observability'],
  ['module'],
  ['console', 'health'],
  ['testing'],
];

function layerOf(folder: string): number {
  const exact = LAYERS.findIndex((folders) => folders.includes(folder));
  return exact === -1 && folder.startsWith('transports/')
    ? LAYERS.findIndex((f) => f.includes('transports/*'))
    : exact;
}

/** Imports that go up, or sideways between folders of one layer. */
function violations(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter((target) => folderOf(path) !== '' && folderOf(target) !== folderOf(path))
      .filter((target) => layerOf(folderOf(target)) >= layerOf(folderOf(path)))
      .map((target) => `${path} -> ${target}`),
  );
}

const files = readSources();
const file = (path: string, ...imports: string[]): SourceFile => ({ path, imports, text: '', packages: [] });

describe('the layers of lib/', () => {
  it('know every folder', () => {
    expect(
      files.map(({ path }) => folderOf(path)).filter((folder) => folder !== '' && layerOf(folder) === -1),
    ).toEqual([]);
  });

  it('import downwards only, types included', () => {
    expect(violations(files)).toEqual([]);
  });

  it('have no cycles between files', () => {
    expect(findCycles(files)).toEqual([]);
  });

  it('would be found out if they did not', () => {
    const bad = [
      file('envelope/a.ts', 'bus/b.ts'),
      file('bus/b.ts', 'bus/c.ts'),
      file('bus/c.ts', 'bus/b.ts'),
    ];

    expect(violations(bad)).toEqual(['envelope/a.ts -> bus/b.ts']);
    expect(findCycles(bad)).toEqual([['bus/b.ts', 'bus/c.ts', 'bus/b.ts']]);
  });

  it('let nothing but the Nest layers import Nest', () => {
    const nest = ['discovery', 'observability', 'module', 'console', 'health', 'testing'];
    const importers = files.filter(({ packages }) => packages.some((name) => name.startsWith('@nestjs/')));

    expect(importers.map(({ path }) => folderOf(path)).filter((folder) => !nest.includes(folder))).toEqual(
      [],
    );
  });

  it('keep databases apart: what they share names none of them', () => {
    const databases = [
      'transports/sql/sqlite/',
      'transports/sql/server/postgres/',
      'transports/sql/server/mysql/',
    ];
    const databaseOf = (path: string): string | undefined =>
      databases.find((folder) => path.startsWith(folder));

    expect(
      files
        .filter(({ path }) => path.startsWith('transports/sql/') && !path.endsWith('/index.ts'))
        .filter(({ path, imports }) =>
          imports.map(databaseOf).some((database) => database !== undefined && database !== databaseOf(path)),
        )
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('name no transport in the core', () => {
    const core = files.filter(({ path }) => layerOf(folderOf(path)) < layerOf('worker'));

    expect(
      core
        .filter(({ path }) => !path.startsWith('transports/'))
        .filter(({ imports }) => imports.some((target) => target.startsWith('transports/')))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('import no barrel', () => {
    expect(
      files
        .filter(({ imports }) => imports.some((target) => target.endsWith('index.ts')))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});

describe('production', () => {
  it('has no failpoints: nobody can arm what is not there', () => {
    expect(files.filter(({ text }) => /fail-?points?/i.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('the files of lib/', () => {
  const lengths = files.map(({ text }) => text.split('\n').length).sort((a, b) => a - b);
  const share = (part: number): number => lengths[Math.floor(lengths.length * part)] ?? 0;

  it('are small: half of them up to 60 lines, nine in ten up to 200, none over 300', () => {
    expect(share(0.5)).toBeLessThanOrEqual(60);
    expect(share(0.9)).toBeLessThanOrEqual(200);
    expect(files.filter(({ text }) => text.split('\n').length > 300).map(({ path }) => path)).toEqual([]);
  });

  it('throw errors with a class of their own', () => {
    const bare = /throw new (Error|TypeError|RangeError)\(/;

    expect(files.filter(({ text }) => bare.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
