import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { CONSOLE_COMMANDS } from '../../../lib/console/run-console.js';

const page = (name: string): string => readFileSync(join(__dirname, '../../../docs', name), 'utf8');

/** The part of the page on the console that is about a command. */
function sectionOf(command: string): string {
  const [, section = ''] = page('console.md').split(new RegExp(`^#+ ${command}$`, 'm'));
  return section.split(/^#+ /m)[0] ?? '';
}

describe.each(CONSOLE_COMMANDS)('the documentation of $name', (command) => {
  const line = new Command();
  command.define(line);
  const documented = command.name === 'consume' ? page('workers.md') : sectionOf(command.name);

  it('has every option, as it is written', () => {
    const flags = line.options.map(({ flags }) => flags.replace(/^(-\w), /, '$1`, `'));

    expect(flags.filter((flag) => !documented.includes(`\`${flag}\``))).toEqual([]);
  });

  it('has no option that does not exist', () => {
    const rows = [...documented.matchAll(/^\| (?:`-\w`, )?`--([\w-]+)/gm)].map(([, name]) => name);
    const known = [
      ...line.options.map(({ long }) => long?.slice(2)),
      'quiet',
      'verbose',
      'format',
      'no-interaction',
    ];

    expect(rows.filter((name) => !known.includes(name))).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(line.options.length);
  });
});
