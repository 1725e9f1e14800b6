import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UnknownOptionError } from '../../lib/errors/unknown-option.error.js';
import { Dsn } from '../../lib/transport/dsn.js';
import { resolveMysqlOptions } from '../../lib/transports/sql/server/mysql/mysql.options.js';
import { mysqlDialect } from '../../lib/transports/sql/server/mysql/mysql.dialect.js';

const page = readFileSync(join(__dirname, '../../docs/transports/mysql.md'), 'utf8');
const section = page.slice(page.indexOf('\n## Options'), page.indexOf('\n## TLS'));

/** What the table says: names and defaults. */
const documented = [...section.matchAll(/^\| (`[^|]*`) \|([^|]*)\|/gm)].map(([, names = '', text = '']) => ({
  names: [...names.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name),
  default: /^ `([^`]*)`/.exec(text)?.[1],
}));

function resolve(options: Readonly<Record<string, unknown>>) {
  return resolveMysqlOptions('async', new Dsn('mysql:///shop', 'async'), options);
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function knownOptions(): readonly string[] {
  try {
    resolve({ 'no such option': 1 });
  } catch (error) {
    return (error as UnknownOptionError).known.map(toSnakeCase);
  }
  return [];
}

describe('the documentation of the MySQL transport', () => {
  it('names the options that it knows', () => {
    expect(documented.flatMap(({ names }) => names).toSorted()).toEqual(knownOptions().toSorted());
  });

  it('has the defaults that it has', () => {
    const actual = Object.entries(resolve({})).map(([name, value]) => [toSnakeCase(name), String(value)]);
    const shown = documented.flatMap((option) => option.names.map((name) => [name, option.default]));
    const withDefault = shown.filter(([, value]) => value !== undefined);
    expect(withDefault).toHaveLength(8);
    expect(actual).toEqual(expect.arrayContaining(withDefault));
  });

  it('shows the table as it is made', () => {
    const [statement = ''] = mysqlDialect({ format: (sql) => sql })
      .schemaOf('messenger_messages')
      .migrations.flat();
    const columnsOf = (text: string): readonly string[] =>
      [...text.replaceAll(/ *--.*$/gm, '').matchAll(/^ {2}(.*\S)$/gm)].map(([, column = '']) => column);
    expect(columnsOf(/```sql\n([^`]*)```/.exec(page)?.[1] ?? '')).toEqual(columnsOf(statement));
  });
});
