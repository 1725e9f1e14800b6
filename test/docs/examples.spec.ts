import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeBlocksOf } from './code-blocks.js';
import { compileExamples, writeExamples } from './compile-examples.js';
import { exampleFilesOf } from './example-files.js';
import { importableNames } from './importable-names.js';
import { documentationPages } from './pages.js';
import { announcedOutput, runExample } from './run-example.js';

/** A page with a mistake in its fourth line, to see that mistakes are found. */
const WRONG_PAGE = {
  path: 'wrong.md',
  text: '# Wrong\n\n```ts\nconst delay: string = new DelayStamp(1);\n```\n',
};

const root = join(__dirname, '../..');
const folder = join(root, 'var', `docs-examples-${process.pid}`);
const importable = importableNames(root);
const pages = documentationPages(root).map(({ path, text }) => ({ path, blocks: codeBlocksOf(path, text) }));
const files = [...pages, { blocks: codeBlocksOf(WRONG_PAGE.path, WRONG_PAGE.text) }].flatMap(({ blocks }) =>
  exampleFilesOf(blocks, importable),
);

describe('the examples of the documentation', () => {
  let errors: readonly string[] = [];

  beforeAll(() => {
    writeExamples(folder, files);
    errors = compileExamples(root, folder, files);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(pages.filter(({ blocks }) => blocks.length > 0))('compile in $path', ({ path }) => {
    expect(errors.filter((error) => error.startsWith(`${path}:`))).toEqual([]);
  });

  it('are reported with their page and line where they do not compile', () => {
    const elsewhere = errors.filter((error) => !pages.some(({ path }) => error.startsWith(`${path}:`)));
    expect(elsewhere).toEqual([expect.stringMatching(/^wrong\.md:4: TS2322: /)]);
  });

  it('give a reason where they are not checked', () => {
    const unchecked = pages.flatMap(({ blocks }) => blocks).filter(({ mode }) => mode === 'no-check');
    expect(
      unchecked.filter(({ reason }) => reason === '').map(({ page, line }) => `${page}:${line}`),
    ).toEqual([]);
  });

  it.each(
    files
      .filter(({ block }) => block.mode === 'run')
      .map(({ path, block }) => ({ path, code: block.code, where: `${block.page}:${block.line}` })),
  )('print what $where says', async ({ path, code }) => {
    expect(await runExample(join(folder, path))).toEqual(announcedOutput(code));
  });
});
