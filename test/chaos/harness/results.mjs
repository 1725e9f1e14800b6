import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Where a page has its results, by the title of the table. */
const markers = (title) => [`<!-- results: ${title} -->\n`, `<!-- end of results: ${title} -->\n`];

/** Writes a table to where the page has its place, or to a page of its own if it has none. */
export function writeResults(file, title, table) {
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, withResults(page, title, table) ?? `# ${title}\n\n${table}`);
}

/** The page with the table in its place; nothing if it has no place for it. */
export function withResults(page, title, table) {
  const [begin, end] = markers(title);
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  return from === -1 || to < from ? undefined : `${page.slice(0, from)}${begin}\n${table}\n${page.slice(to)}`;
}
