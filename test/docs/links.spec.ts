import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { documentationPages, type Page } from './pages.js';

const LINK = /\]\(([^)\s]+)\)/g;
const FENCED = /^(`{3,})[\s\S]*?^\1\s*$/gm;
const HEADING = /^#+\s+(.*)$/gm;

const root = join(__dirname, '../..');
const pages = documentationPages(root);

interface Link {
  readonly target: string;
  /** From the root of the repository. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** The links of a page to other files of the repository and to headings. */
function linksOf({ path, text }: Page): readonly Link[] {
  return [...text.replaceAll(FENCED, '').matchAll(LINK)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#');
      return { target, path: file === '' ? path : normalize(join(dirname(path), file)), anchor };
    });
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf({ text }: Page): readonly string[] {
  return [...text.replaceAll(FENCED, '').matchAll(HEADING)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

function isBroken({ path, anchor }: Link): boolean {
  const page = pages.find((candidate) => candidate.path === path);
  return (
    !existsSync(join(root, path)) ||
    (anchor !== undefined && page !== undefined && !anchorsOf(page).includes(anchor))
  );
}

describe('the links of the documentation', () => {
  it.each(pages)('lead somewhere in $path', (page) => {
    expect(linksOf(page).filter(isBroken)).toEqual([]);
  });

  it('lead from docs/index.md to every page', () => {
    const index = pages.find(({ path }) => path === 'docs/index.md');
    const linked = index === undefined ? [] : linksOf(index).map(({ path }) => path);
    const others = pages
      .map(({ path }) => path)
      .filter((path) => path !== 'README.md' && path !== 'docs/index.md');
    expect(others.filter((path) => !linked.includes(path))).toEqual([]);
  });
});
