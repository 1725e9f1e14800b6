import { join } from 'node:path/posix';
import type { CodeBlock } from './code-blocks.js';
import type { Importable } from './importable-names.js';
import { declaredIn, exportedBy, importedBy, wordsOf } from './names-in-code.js';

/** A file made of one block of a page. */
export interface ExampleFile {
  readonly block: CodeBlock;
  /** Its path below the folder of the examples. */
  readonly path: string;
  /** What the compiler reads. Its first line holds what the page leaves out, so that line 2 is the first of the block. */
  readonly text: string;
}

const FILE_NAME = /^\/\/ (?:file: )?((?:[\w.-]+\/)*[\w.-]+\.ts)\b/;

/** What every page may use without saying what it is. */
const USUAL = 'declare const bus: MessageBus;';

/**
 * Turns the blocks of one page into files that a compiler accepts, side by side in a folder of the page.
 *
 * - A block that begins with the comment `// src/some-file.ts` is that file, which others import.
 * - What an earlier block of the page imports or exports is imported for the later ones.
 * - A block without an import of its own is a fragment: names of the package and of Nest are imported for it.
 * - Hidden blocks (`<!-- ts … -->`) that declare a name a later fragment uses are put before it.
 * - A file that the page imports and does not show exports whatever is imported from it, with whatever it is used for.
 */
export function exampleFilesOf(
  blocks: readonly CodeBlock[],
  importable: ReadonlyMap<string, Importable>,
): readonly ExampleFile[] {
  const files: ExampleFile[] = [];
  const hidden = [USUAL];
  const ofPage = new Map<string, Importable>();
  for (const block of blocks) {
    if (block.mode === 'hidden') {
      hidden.push(block.code.replaceAll('\n', ' '));
    } else if (block.mode !== 'no-check') {
      const imported = importedBy(block.code);
      const name = FILE_NAME.exec(block.code)?.[1] ?? `line-${block.line}.mts`;
      const names = imported.size > 0 ? ofPage : new Map([...importable, ...ofPage]);
      const text = `${prefixOf(block, hidden, names)}\n${block.code}\nexport {};\n`;
      files.push({ block, path: `${folderOf(block.page)}/${name}`, text });
      imported.forEach((source, local) => ofPage.set(local, source));
      exportedBy(block.code).forEach((exported) =>
        ofPage.set(exported, { from: `./${name.replace(/ts$/, 'js')}`, isType: false }),
      );
    }
  }
  return [...files, ...filesNotShown(files)];
}

function prefixOf(
  { code }: CodeBlock,
  hidden: readonly string[],
  importable: ReadonlyMap<string, Importable>,
): string {
  const declared = new Set([...declaredIn(code), ...importedBy(code).keys()]);
  const missing = new Set([...wordsOf(code)].filter((word) => !declared.has(word)));
  const before = hidden.filter((text) => [...declaredIn(text)].some((name) => missing.has(name)));
  const known = new Set(before.flatMap((text) => [...declaredIn(text)]));
  const wanted = new Set([...missing, ...before.flatMap((text) => [...wordsOf(text)])]);
  const imports = [...wanted]
    .filter((name) => importable.has(name) && !known.has(name) && !declared.has(name))
    .map((name) => importOf(name, importable.get(name) as Importable));
  return [...imports, ...before].join(' ');
}

function importOf(name: string, { from, isType }: Importable): string {
  return `import ${isType ? 'type ' : ''}{ ${name} } from '${from}';`;
}

function filesNotShown(files: readonly ExampleFile[]): readonly ExampleFile[] {
  const shown = new Set(files.map(({ path }) => path));
  const missing = new Map<string, { readonly block: CodeBlock; readonly names: Set<string> }>();
  for (const { path, block } of files) {
    for (const [name, { from }] of importedBy(block.code)) {
      const target = join(path, '..', from.replace(/\.js$/, '.ts'));
      if (from.startsWith('.') && !shown.has(target)) {
        missing.set(target, { block, names: (missing.get(target)?.names ?? new Set()).add(name) });
      }
    }
  }
  return [...missing].map(([path, { block, names }]) => ({
    block: { ...block, mode: 'check', code: '' },
    path,
    text: [...names].map(standInFor).join('\n'),
  }));
}

/** Something of this name that may be used in any way that its spelling suggests. */
function standInFor(name: string): string {
  return /^[A-Z]/.test(name)
    ? `export declare class ${name} { constructor(...values: any[]); [field: string]: any }`
    : `export declare const ${name}: any;`;
}

function folderOf(page: string): string {
  return page.replaceAll(/[^\w-]+/g, '-');
}
