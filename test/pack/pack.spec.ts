import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../architecture/source-files.js';

const run = promisify(execFile);
const TSC = join(ROOT, 'node_modules/typescript-7/bin/tsc');

/** What a user's empty application has besides this package. */
const NEST = {
  '12': { '@nestjs/common': '12.5.1', '@nestjs/core': '12.5.1' },
  '11': { '@nestjs/common': '11.0.1', '@nestjs/core': '11.0.1' },
};
const OTHERS = {
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
  '@photostructure/sqlite': '1.2.1',
  '@types/node': '20.19.43',
};

let folder: string;
let tarball: string;

/** Installs the packed package into an application of its own and compiles that. */
async function installInto(name: string, nest: Readonly<Record<string, string>>): Promise<string> {
  const app = join(folder, name);
  await cp(join(ROOT, 'test/fixtures/empty-app'), app, { recursive: true });
  const dependencies = { ...OTHERS, ...nest, 'nestjs-messenger': `file:${tarball}` };
  await writeFile(
    join(app, 'package.json'),
    JSON.stringify({ name, private: true, type: 'commonjs', dependencies }),
  );
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
    cwd: app,
  });
  await run(process.execPath, [TSC, '-p', 'tsconfig.json'], { cwd: app });
  return app;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messenger-pack-'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, '--loglevel=error'], {
    cwd: ROOT,
  });
  tarball = join(folder, (await readdir(folder)).find((file) => file.endsWith('.tgz')) ?? '');
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(Object.entries(NEST))(
  'the packed package in an empty application of Nest %s',
  (major, nest) => {
    it(
      'installs, compiles with all its types, and handles a message in another process',
      { timeout: 120_000 },
      async () => {
        const app = await installInto(`nest-${major}`, nest);

        await run(process.execPath, ['dist/main.js'], { cwd: app });
        const worker = await run(
          process.execPath,
          ['dist/worker.js', 'async', '--limit=1', '--time-limit=20'],
          { cwd: app },
        );
        const testing = await run(process.execPath, ['dist/testing.js'], { cwd: app });

        expect(worker.stdout).toContain('Hello Ada, true, attempt 1 from async.');
        expect(testing.stdout).toBe('function function function\n');
      },
    );
  },
);
