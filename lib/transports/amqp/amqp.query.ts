import type { Dsn } from '../../transport/dsn.js';

type Branch = Map<string, Branch | string>;

/** `queues[orders][binding_keys][0]`, `binding_keys[]`. */
const NESTED_KEY = /^([^[\]]+)((?:\[[^\]]*\])+)$/s;

/**
 * The query of a DSN as PHP reads it: `exchange[name]=orders` is `{ exchange: { name: 'orders' } }`. Lists are objects with the
 * keys 0, 1 and so on, as they are in PHP. Where a key is given twice, the last one counts.
 */
export function nestQuery(query: Dsn['query']): Readonly<Record<string, unknown>> {
  const root: Branch = new Map();
  for (const [key, value] of query) {
    const path = pathOf(key);
    const branch = path.slice(0, -1).reduce(branchOf, root);
    branch.set(indexIn(branch, path.at(-1) ?? ''), value);
  }
  return toObject(root);
}

/** The option that a key of a query is part of: `queues` of `queues[orders]`. */
export function optionOfKey(key: string): string {
  return pathOf(key)[0] ?? key;
}

/** What is no path is a name that nobody knows. */
function pathOf(key: string): readonly string[] {
  const [, name, brackets] = NESTED_KEY.exec(key) ?? [];
  return name === undefined || brackets === undefined ? [key] : [name, ...brackets.slice(1, -1).split('][')];
}

function branchOf(parent: Branch, name: string): Branch {
  const index = indexIn(parent, name);
  const known = parent.get(index);
  if (known instanceof Map) {
    return known;
  }
  const branch: Branch = new Map();
  parent.set(index, branch);
  return branch;
}

/** Empty brackets are the next of a list. */
function indexIn(branch: Branch, name: string): string {
  return name === '' ? String(branch.size) : name;
}

function toObject(branch: Branch): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...branch].map(([name, value]) => [name, value instanceof Map ? toObject(value) : value]),
  );
}
