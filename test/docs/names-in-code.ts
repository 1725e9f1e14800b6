import type { Importable } from './importable-names.js';

const IMPORT = /^import\s+(type\s+)?(?:(\w+)\s*,?\s*)?(?:\{([^}]*)\})?\s*from\s+'([^']+)'/gm;
const BARE_IMPORT = /^import\s+'([^']+)'/gm;
const DECLARATION =
  /\b(?:abstract\s+class|class|const|let|var|function\*?|interface|type|enum|namespace)\s+([A-Za-z_$][\w$]*)/g;
const EXPORT =
  /^export\s+(?:declare\s+)?(?:default\s+)?(?:abstract\s+class|class|const|function|interface|type)\s+(\w+)/gm;
const WORD = /[A-Za-z_$][\w$]*/g;
const NOT_CODE = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;

/** The local names that a piece of code imports, and whence. One that only loads a module counts under the module's name. */
export function importedBy(code: string): ReadonlyMap<string, Importable> {
  const names = new Map<string, Importable>();
  for (const [, from = ''] of code.matchAll(BARE_IMPORT)) {
    names.set(from, { from, isType: false });
  }
  for (const [, type, , list = '', from = ''] of code.matchAll(IMPORT)) {
    for (const item of list.split(',').map((text) => text.trim())) {
      if (item !== '') {
        const isType = type !== undefined || item.startsWith('type ');
        names.set(item.replace(/^type\s+/, ''), { from, isType });
      }
    }
  }
  return names;
}

/** The names that a piece of code declares, at any depth. */
export function declaredIn(code: string): ReadonlySet<string> {
  return new Set([...code.matchAll(DECLARATION)].map(([, name = '']) => name));
}

/** The names that a piece of code exports where it declares them. */
export function exportedBy(code: string): ReadonlySet<string> {
  return new Set([...code.matchAll(EXPORT)].map(([, name = '']) => name));
}

/** Every name that occurs in a piece of code outside of comments and texts. */
export function wordsOf(code: string): ReadonlySet<string> {
  return new Set(code.replaceAll(NOT_CODE, ' ').match(WORD) ?? []);
}
