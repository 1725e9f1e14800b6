import { describe, expect, it } from 'vitest';
import { codeBlocksOf } from './code-blocks.js';

const blocksOf = (...lines: readonly string[]) => codeBlocksOf('page.md', lines.join('\n'));

describe('the code blocks of a page', () => {
  it('are its TypeScript fences, with the line they begin in', () => {
    expect(blocksOf('Text', '', '```ts', 'a();', 'b();', '```', '```sh', 'ls', '```')).toEqual([
      { page: 'page.md', line: 3, code: 'a();\nb();', mode: 'check', reason: '' },
    ]);
  });

  it('lose the indentation of a list', () => {
    expect(blocksOf('- item', '  ```ts', '  if (a) {', '    b();', '  }', '  ```')[0]?.code).toBe(
      'if (a) {\n  b();\n}',
    );
  });

  it('may hold fences of their own in a longer fence', () => {
    expect(blocksOf('````md', '```ts', 'a();', '```', '````')).toEqual([]);
  });

  it('are run if they say so', () => {
    expect(blocksOf('```ts run', 'a();', '```')[0]?.mode).toBe('run');
  });

  it('say why they are not checked', () => {
    expect(blocksOf('```ts no-check part of a class', 'a()', '```')[0]).toMatchObject({
      mode: 'no-check',
      reason: 'part of a class',
    });
  });

  it('are hidden in comments', () => {
    expect(blocksOf('<!-- ts', 'declare const a: number;', '-->')[0]).toMatchObject({
      mode: 'hidden',
      code: 'declare const a: number;',
    });
  });

  it('are refused with an unknown mode', () => {
    expect(() => blocksOf('Text', '```ts norun', '```')).toThrow(
      'page.md:2: "norun" is no mode of an example.',
    );
  });

  it('are refused if they do not end', () => {
    expect(() => blocksOf('```ts', 'a();')).toThrow('page.md:1 opens a block that is never closed.');
  });
});
