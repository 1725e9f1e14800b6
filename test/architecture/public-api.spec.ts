import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources, ROOT } from './source-files.js';

const EXPORT = /export (?:type )?\{([^}]*)\} from/g;

/** The names a list of exports holds, sorted. */
function exportedNames(entry: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'lib', entry), 'utf8');
  return [...text.matchAll(EXPORT)]
    .flatMap(([, names]) => (names ?? '').split(','))
    .map((name) =>
      name
        .replace(/^\s*type\s+/, '')
        .replace(/^\s*\w+ as /, '')
        .trim(),
    )
    .filter((name) => name !== '')
    .sort();
}

const errors = readSources().filter(({ path }) => path.startsWith('errors/'));
const codes = errors.flatMap(({ text }) =>
  [...text.matchAll(/'(MESSENGER_[A-Z_]+)'/g)].map(([, code]) => code ?? ''),
);

describe('the public API', () => {
  it.each([
    ['index.ts'],
    ['health/index.ts'],
    ['testing/index.ts'],
    ['transports/amqp/index.ts'],
    ['transports/redis/index.ts'],
    ['transports/sql/index.ts'],
  ])('of %s is what was agreed on', async (entry) => {
    const file = `public-api/${entry.replaceAll('/', '-').replace(/\.ts$/, '')}.txt`;

    await expect(`${exportedNames(entry).join('\n')}\n`).toMatchFileSnapshot(file);
  });

  it('has every error class', () => {
    const classes = errors.flatMap(({ text }) =>
      [...text.matchAll(/export (?:abstract )?class (\w+)/g)].map(([, name]) => name),
    );

    expect(classes.filter((name) => !exportedNames('index.ts').includes(name ?? ''))).toEqual([]);
  });

  it('loads no driver and no console library when it is imported', () => {
    const entry = join(ROOT, 'dist/lib/index.js');
    expect(existsSync(entry), 'Run "npm run build:lib" first.').toBe(true);
    const script = `require(${JSON.stringify(entry)}); console.log(Object.keys(require.cache).join('\\n'))`;

    const loaded = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });

    expect(loaded).toContain('dist/lib/index.js');
    for (const name of [
      'ioredis',
      'pg',
      'amqplib',
      'sqlite',
      'libsql',
      'commander',
      'cli-table3',
      'class-validator',
      'class-transformer',
    ]) {
      expect(loaded).not.toContain(`node_modules/${name}`);
      expect(loaded).not.toContain(`node_modules/@photostructure/${name}`);
    }
  });
});

describe('the error codes', () => {
  const documented = [
    ...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `(MESSENGER_[A-Z_]+)`/gm),
  ].map(([, code]) => code);

  it('are unique', () => {
    expect(codes).toEqual([...new Set(codes)]);
  });

  it('are all documented, and none is documented that does not exist', () => {
    expect(new Set(documented)).toEqual(new Set(codes));
  });
});
