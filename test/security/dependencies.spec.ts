import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly peer?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const own = read('package.json') as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
};
const { packages } = read('package-lock.json') as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/** What is installed with the package, and with what that needs. */
function installed(): ReadonlyMap<string, LockedPackage> {
  const found = new Map<string, LockedPackage>();
  const visit = (names: readonly string[]): void => {
    for (const name of names.filter((each) => !found.has(each))) {
      const locked = packages[`node_modules/${name}`] ?? {};
      found.set(name, locked);
      visit(Object.keys(locked.dependencies ?? {}));
    }
  };
  visit(Object.keys(own.dependencies));
  return found;
}

describe('what is installed with this package', () => {
  it('is little, and known', () => {
    expect([...installed().keys()].sort()).toEqual([
      'ansi-regex',
      'cli-table3',
      'commander',
      'emoji-regex',
      'fastest-levenshtein',
      'is-fullwidth-code-point',
      'ms',
      'string-width',
      'strip-ansi',
    ]);
  });

  it('runs no script when it is installed, and neither does the package', () => {
    const scripted = [...installed()].filter(([, { hasInstallScript }]) => hasInstallScript === true);

    expect(scripted.map(([name]) => name)).toEqual([]);
    expect(Object.keys(own.scripts).filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name))).toEqual(
      [],
    );
  });

  it('has a version and a checksum', () => {
    for (const [name, { version, integrity }] of installed()) {
      expect([name, integrity]).toEqual([name, expect.stringMatching(/^sha512-/)]);
      expect(own.dependencies[name] ?? version).toBe(version);
    }
  });
});
