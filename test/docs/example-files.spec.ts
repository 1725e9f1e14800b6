import { describe, expect, it } from 'vitest';
import { codeBlocksOf } from './code-blocks.js';
import { exampleFilesOf } from './example-files.js';

const IMPORTABLE = new Map([
  ['Envelope', { from: 'nestjs-messenger', isType: false }],
  ['Middleware', { from: 'nestjs-messenger', isType: true }],
  ['MessageBus', { from: 'nestjs-messenger', isType: false }],
]);

/** The files of a page that consists of blocks. */
function filesOf(...blocks: readonly string[]) {
  const page = blocks
    .map((code) => (code.startsWith('<!--') ? code : `\`\`\`ts\n${code}\n\`\`\``))
    .join('\n');
  return exampleFilesOf(codeBlocksOf('docs/page.md', page), IMPORTABLE);
}

/** What is put before the code of the last block. */
const prefixOf = (...blocks: readonly string[]) =>
  filesOf(...blocks)
    .at(-1)
    ?.text.split('\n')[0];

describe('the files made of examples', () => {
  it('lie in a folder of their page, named by their line', () => {
    expect(filesOf('a();')[0]?.path).toBe('docs-page-md/line-1.mts');
  });

  it('have the name that their first line gives them', () => {
    expect(filesOf('// src/order.ts\na();')[0]?.path).toBe('docs-page-md/src/order.ts');
  });

  it('import what a fragment uses of the package, types as types', () => {
    expect(prefixOf('class A implements Middleware { run = Envelope.wrap; }')).toBe(
      "import type { Middleware } from 'nestjs-messenger'; import { Envelope } from 'nestjs-messenger';",
    );
  });

  it('import nothing of the package for a block that has imports of its own', () => {
    expect(prefixOf("import { a } from 'b';\nEnvelope.wrap(a);")).toBe('');
  });

  it('import nothing that the block declares or only mentions', () => {
    expect(prefixOf("class Envelope {} // a Middleware\nconsole.log('MessageBus');")).toBe('');
  });

  it('import what an earlier block of the page exports', () => {
    expect(prefixOf('// order.ts\nexport class Order {}', 'new Order();')).toBe(
      "import { Order } from './order.js';",
    );
  });

  it('have hidden blocks that declare what they use before them', () => {
    expect(prefixOf('<!-- ts\ndeclare const a: number;\ndeclare const b: number;\n-->', 'a;')).toBe(
      'declare const a: number; declare const b: number;',
    );
    expect(prefixOf('<!-- ts\ndeclare const a: number;\n-->', 'c;')).toBe('');
  });

  it('import what an earlier block of the page imports, also beside imports of its own', () => {
    expect(prefixOf("import { A } from 'a';", "import { B } from 'b';\nnew A(new B(Envelope));")).toBe(
      "import { A } from 'a';",
    );
  });

  it('find a file that the page does not show', () => {
    expect(filesOf("import { A, b } from '../a/b.js';\nnew A(b);").at(-1)).toMatchObject({
      path: 'a/b.ts',
      text: expect.stringMatching(/class A .*\n.*const b: any/) as string,
    });
  });

  it('know the bus without being told', () => {
    expect(prefixOf('bus;')).toBe(
      "import { MessageBus } from 'nestjs-messenger'; declare const bus: MessageBus;",
    );
  });

  it('leave out what is not checked', () => {
    const page = '```ts no-check half a class\nreadonly a = 1;\n```';
    expect(exampleFilesOf(codeBlocksOf('page.md', page), IMPORTABLE)).toEqual([]);
  });
});
