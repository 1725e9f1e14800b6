import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/console.md'), 'utf8');
const section = page.slice(page.indexOf('\n## doctor'), page.indexOf('\n## show'));

/** Codes and levels, as the table has them. */
const documented = [...section.matchAll(/^\| (`[^|]+`) \| ([^|]+) \|/gm)]
  .filter(([, codes = '']) => !codes.includes('--'))
  .flatMap(([, codes = '', levels = '']) =>
    [...codes.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({
      code,
      levels: levels.split(', ').toSorted(),
    })),
  );

const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /(findings|dangers|diagnosis)\.ts$/.test(file))
  .map((file) => readFileSync(join(root, 'lib', file), 'utf8'));

/** Codes and levels, as the code has them. */
const known = new Map<string, Set<string>>();
for (const [, code = '', level = ''] of sources.flatMap((text) => [
  ...text.matchAll(/code: '([\w.-]+)',\n\s*level: (.*),$/gm),
])) {
  const levels = known.get(code) ?? new Set();
  [...level.matchAll(/'(\w+)'/g)].forEach(([, each = '']) => levels.add(each));
  known.set(code, levels);
}

describe('the findings of doctor', () => {
  it('are all found in the sources', () => {
    const codes = sources.flatMap((text) => [...text.matchAll(/^\s*code: /gm)]);
    const levels = sources.flatMap((text) => [...text.matchAll(/code: '([\w.-]+)',\n\s*level: /g)]);
    expect(codes.length).toBe(levels.length);
    expect(known.size).toBeGreaterThan(20);
  });

  it('are all documented, with their levels, and none is documented that does not exist', () => {
    const actual = [...known].map(([code, levels]) => ({ code, levels: [...levels].toSorted() }));
    const byCode = (a: { readonly code: string }, b: { readonly code: string }) => (a.code < b.code ? -1 : 1);
    expect(documented.toSorted(byCode)).toEqual(actual.toSorted(byCode));
  });
});
