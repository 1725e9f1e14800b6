import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page of the documentation. */
export interface Page {
  /** The path from the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** `README.md` and every page below `docs/`. */
export function documentationPages(root: string): readonly Page[] {
  const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true }) : [];
  const paths = docs
    .map((path) => `docs/${String(path).replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md'))
    .sort();
  return ['README.md', ...paths].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
