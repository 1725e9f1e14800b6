import { describe, expect, it } from 'vitest';
import { writeDetails, writeTable } from '../../../lib/console/table.js';
import { MemoryOutput } from './support/memory-output.js';

const TABLE = {
  head: ['Id', 'Error'],
  rows: [
    ['7', 'TypeError: first\nsecond'],
    ['1234', `evil ${'\u001b'}[31m red`],
  ],
};

describe('a table', () => {
  it('in a pipe has aligned columns and no escape sequence', () => {
    const output = new MemoryOutput();

    writeTable(output, TABLE);

    expect(output.stdout).toBe('Id    Error\n7     TypeError: first second\n1234  evil \\x1b[31m red\n');
  });

  it('in a terminal has borders, and fits into its width', () => {
    const output = new MemoryOutput(true, 40);

    writeTable(output, { head: ['Id', 'Error'], rows: [['1', 'x'.repeat(100)]] });

    const lines = output.stdout.trimEnd().split('\n');
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(output.stdout).toContain('┌');
    expect(output.stdout.match(/x/g)).toHaveLength(100);
    expect(output.stdout).not.toContain('\u001b');
  });
});

describe('details', () => {
  it('have their values one below the other, further lines included', () => {
    const output = new MemoryOutput();

    writeDetails(output, [
      ['Id', '7'],
      ['Content', 'Note {\n  text: 1\n}'],
    ]);

    expect(output.stdout).toBe('Id       7\nContent  Note {\n           text: 1\n         }\n');
  });
});
