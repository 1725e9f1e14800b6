import type { CodeBlock } from './code-blocks.js';
import type { Importable } from './importable-names.js';

/** A file made of one block of a page. */
export interface ExampleFile {
  readonly block: CodeBlock;
  /** Its path below the folder of the examples. */
  readonly path: string;
  /** What the compiler reads. Its first line holds what the page leaves out, so that line 2 is the first of the block. */
  readonly text: string;
}

const FILE_NAME = /^\/\/ (?:file: )?((?:[\w.-]+\/)*[\w.-]+\.ts)\b/;
const OWN_IMPORT = /^import\b/m;
const DECLARATION =
  /\b(?:abstract\s+class|class|const|let|var|function\*?|interface|type|enum|namespace)\s+([A-Za-z_$][\w$]*)/g;
const EXPORTED =
  /^export\s+(?:declare\s+)?(?:default\s+)?(?:abstract\s+class|class|const|function|interface|type)\s+(\w+)/gm;
const WORD = /[A-Za-z_$][\w$]*/g;
const NOT_CODE = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;

/** What every page may use without saying what it is. */
const USUAL = 'declare const bus: MessageBus;';

/**
 * Turns the blocks of one page into files that a compiler accepts, side by side in a folder of the page.
 *
 * - A block that begins with the comment `// src/some-file.ts` is that file, which others import.
 * - A block with imports of its own is complete, and taken as it is.
 * - Any other is a fragment. Names of the package and of Nest are imported for it, and so is what an earlier block of the
 *   page exports; hidden blocks (`<!-- ts … -->`) of the page that declare a name it uses are put before it.
 *
 * A hidden block may also be a file of its own, for others to import.
 */
export function exampleFilesOf(
  blocks: readonly CodeBlock[],
  importable: ReadonlyMap<string, Importable>,
): readonly ExampleFile[] {
  const files: ExampleFile[] = [];
  const hidden = [USUAL];
  const ofPage = new Map<string, Importable>();
  for (const block of blocks) {
    if (block.mode === 'hidden' && !FILE_NAME.test(block.code)) {
      hidden.push(block.code.replaceAll('\n', ' '));
    } else if (block.mode !== 'no-check') {
      const name = FILE_NAME.exec(block.code)?.[1] ?? `line-${block.line}.mts`;
      const text = `${prefixOf(block, hidden, new Map([...importable, ...ofPage]))}\n${block.code}\nexport {};\n`;
      files.push({ block, path: `${folderOf(block.page)}/${name}`, text });
      for (const [, exported = ''] of block.code.matchAll(EXPORTED)) {
        ofPage.set(exported, { from: `./${name.replace(/ts$/, 'js')}`, isType: false });
      }
    }
  }
  return files;
}

function prefixOf(
  { code }: CodeBlock,
  hidden: readonly string[],
  importable: ReadonlyMap<string, Importable>,
): string {
  if (OWN_IMPORT.test(code)) {
    return '';
  }
  const declared = declaredIn(code);
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

function declaredIn(code: string): ReadonlySet<string> {
  return new Set([...code.matchAll(DECLARATION)].map(([, name = '']) => name));
}

function wordsOf(code: string): ReadonlySet<string> {
  return new Set(code.replaceAll(NOT_CODE, ' ').match(WORD) ?? []);
}

function folderOf(page: string): string {
  return page.replaceAll(/[^\w-]+/g, '-');
}
