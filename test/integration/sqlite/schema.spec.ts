import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../lib/errors/transport.error.js';
import { loadSqliteDriver } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import {
  MIGRATIONS,
  SqliteSchema,
  type Migration,
} from '../../../lib/transports/sql/sqlite/sqlite.schema.js';
import { application, note, only, temporaryFile, temporaryFolder, textsOf, withDatabase } from './setup.js';

const addColumn: Migration = (table) => `ALTER TABLE "${table}" ADD COLUMN note TEXT`;
const broken: Migration = (table) => `ALTER TABLE "${table}" ADD COLUMN half TEXT; SELECT nonsense`;

/** Brings the table in `file` to the schema that `migrations` lead to. */
function migrate(file: string, migrations: readonly Migration[], table = 'messenger_messages'): void {
  withDatabase(file, (database) => new SqliteSchema(database, table, 'async', migrations).migrate());
}

function columnsOf(file: string, table = 'messenger_messages'): string[] {
  return withDatabase(file, (database) =>
    database
      .prepare(`SELECT name FROM pragma_table_info('${table}')`)
      .all()
      .map((row) => (row as { name: string }).name),
  );
}

describe('schema of the SQLite transport', () => {
  it('is created on first use, with the folder of the file', async () => {
    const file = join(temporaryFolder(), 'var', 'data', 'messages.db');
    const transport = application(file).open();
    expect(existsSync(file)).toBe(false);
    await transport.send([note('a')]);
    expect(textsOf(await transport.get())).toEqual(['a']);
  });

  it('is created by setup even if that is not to happen on first use', async () => {
    const transport = application().open({ autoSetup: false });
    await transport.setup();
    await transport.setup();
    await transport.send([note('a')]);
    expect(textsOf(await transport.get())).toEqual(['a']);
  });

  it('has to be there if it may not be created on first use', async () => {
    const transport = application().open({ autoSetup: false });
    await expect(transport.send([note('a')])).rejects.toThrow(TransportError);
    await expect(transport.get()).rejects.toThrow(
      'Transport "async": the table "messenger_messages" does not exist. Run "setup-transports", or set "auto_setup" to true.',
    );
  });

  it('is found once it was created, by a transport that could not use it before', async () => {
    const { file, open } = application();
    const transport = open({ autoSetup: false });
    await expect(transport.messageCount()).rejects.toThrow('does not exist');
    migrate(file, MIGRATIONS);
    await transport.send([note('a')]);
    expect((await transport.messageCount()).ready).toBe(1);
  });

  it('leaves alone what an application has in the same file', async () => {
    const file = temporaryFile();
    withDatabase(file, (database) => {
      database.exec(
        'PRAGMA user_version = 42; CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (7)',
      );
    });
    await application(file)
      .open()
      .send([note('a')]);
    const [version, users] = withDatabase(file, (database) => [
      database.prepare('PRAGMA user_version').all(),
      database.prepare('SELECT id FROM users').all(),
    ]);
    expect(version).toMatchObject([{ user_version: 42 }]);
    expect(users).toMatchObject([{ id: 7 }]);
  });

  it('is not made of a table that is somebody else’s', async () => {
    const file = temporaryFile();
    withDatabase(file, (database) =>
      database.exec('CREATE TABLE Messenger_Messages (id INTEGER, body CLOB)'),
    );
    const transport = application(file).open();
    await expect(transport.send([note('a')])).rejects.toThrow(
      'the table "messenger_messages" exists already and was not made by this transport. Choose another "table_name", or another file.',
    );
    expect(columnsOf(file)).toEqual(['id', 'body']);
  });

  it('keeps several tables of one file apart', async () => {
    const { open } = application();
    const [first, second] = [open({ tableName: 'first' }), open({ tableName: 'second' }, 'other')];
    await first.send([note('a')]);
    expect(await second.get()).toEqual([]);
    expect(textsOf(await first.get())).toEqual(['a']);
  });

  it('is upgraded with the messages in it', async () => {
    const { file, open } = application();
    const transport = open();
    await transport.send([note('a')]);
    migrate(file, [...MIGRATIONS, addColumn]);
    expect(columnsOf(file)).toContain('note');
    expect(textsOf([only(await transport.get())])).toEqual(['a']);
  });

  it('is upgraded one table at a time', () => {
    const file = temporaryFile();
    migrate(file, MIGRATIONS, 'first');
    migrate(file, MIGRATIONS, 'second');
    migrate(file, [...MIGRATIONS, addColumn], 'second');
    expect(columnsOf(file, 'first')).not.toContain('note');
    expect(columnsOf(file, 'second')).toContain('note');
  });

  it('stays as it was if an upgrade fails half-way', () => {
    const file = temporaryFile();
    migrate(file, MIGRATIONS);
    expect(() => migrate(file, [...MIGRATIONS, addColumn, broken])).toThrow();
    expect(columnsOf(file)).not.toContain('note');
    migrate(file, [...MIGRATIONS, addColumn]);
    expect(columnsOf(file)).toContain('note');
  });

  it('is refused when it is older and may not be upgraded', () => {
    const file = temporaryFile();
    migrate(file, MIGRATIONS);
    const database = loadSqliteDriver('test').open(file);
    const schema = new SqliteSchema(database, 'messenger_messages', 'async', [...MIGRATIONS, addColumn]);
    expect(() => schema.verify()).toThrow(`has schema version ${MIGRATIONS.length}, this package needs`);
    schema.migrate();
    expect(() => schema.verify()).not.toThrow();
    database.close();
  });

  it('is refused when it is newer than the package, before anything is written', async () => {
    const file = temporaryFile();
    migrate(file, [...MIGRATIONS, addColumn]);
    const transport = application(file).open();
    await expect(transport.send([note('a')])).rejects.toThrow(
      `has schema version ${MIGRATIONS.length + 1}, but this version of nestjs-messenger knows ${MIGRATIONS.length} at most. ` +
        'Upgrade the package in this application, or use another file.',
    );
    await expect(transport.setup()).rejects.toThrow(TransportError);
  });
});
