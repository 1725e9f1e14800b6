import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as nestCommon from '@nestjs/common';
import * as nestCore from '@nestjs/core';
import * as nestTesting from '@nestjs/testing';

/** Where a name comes from that a fragment uses without importing it. */
export interface Importable {
  readonly from: string;
  readonly isType: boolean;
}

const NEST = { '@nestjs/common': nestCommon, '@nestjs/core': nestCore, '@nestjs/testing': nestTesting };
const EXPORTS = /export\s+(type\s+)?\{([^}]*)\}\s+from/g;

/** Every name that the package exports, and every value that Nest does. The package's main entry wins. */
export function importableNames(root: string): ReadonlyMap<string, Importable> {
  return new Map([
    ...Object.entries(NEST).flatMap(([from, module]) =>
      Object.keys(module).map((name) => [name, { from, isType: false }] as const),
    ),
    ...entryPointsOf(root)
      .reverse()
      .flatMap(({ file, from }) => exportsOf(file, from)),
  ]);
}

/** The sources of the package's entry points, the main one first. */
function entryPointsOf(root: string): Array<{ readonly file: string; readonly from: string }> {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  return Object.entries(exports).flatMap(([subpath, entry]) =>
    typeof entry === 'string'
      ? []
      : {
          file: join(root, entry.types.replace('dist/', '').replace(/\.d\.ts$/, '.ts')),
          from: join(name, subpath),
        },
  );
}

function exportsOf(file: string, from: string): ReadonlyArray<readonly [string, Importable]> {
  return [...readFileSync(file, 'utf8').matchAll(EXPORTS)].flatMap(([, type, names = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => {
        const isType = type !== undefined || name.startsWith('type ');
        return [
          name
            .replace(/^type\s+/, '')
            .split(/\s+as\s+/)
            .at(-1) ?? name,
          { from, isType },
        ] as const;
      }),
  );
}
