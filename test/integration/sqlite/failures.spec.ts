import { closeSync, copyFileSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { MissingDriverError } from '../../../lib/errors/missing-driver.error.js';
import { TransportError } from '../../../lib/errors/transport.error.js';
import {
  loadSqliteDriver,
  type SqliteDatabase,
  type SqliteDriverName,
} from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { bytesOf } from '../../../lib/transports/sql/sql.row-codec.js';
import { sqliteCodeOf, toTransportError } from '../../../lib/transports/sql/sqlite/sqlite.errors.js';
import { SqliteTransportFactory } from '../../../lib/transports/sql/sqlite/sqlite.transport-factory.js';
import { application, dsnOf, note, NoteSerializer, only, temporaryFolder, textsOf } from './setup.js';

const DRIVERS = ['@photostructure/sqlite', 'libsql'] as const satisfies readonly SqliteDriverName[];

/** What `action` throws. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new RangeError('Expected an error.');
}

/** What databases of a driver have in common. */
function databaseClassOf(driver: SqliteDriverName): { readonly prototype: SqliteDatabase } {
  const database = loadSqliteDriver('test', driver).open(':memory:');
  database.close();
  return database.constructor;
}

/** Damages everything but the first page, which holds the schema. */
function damage(file: string): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(statSync(file).size - 4096, 0xff), 0, undefined, 4096);
  closeSync(descriptor);
}

describe.each(DRIVERS)('SQLite transport with the driver "%s"', (driver) => {
  it('says that a file is no database', async () => {
    const { file, open } = application();
    writeFileSync(file, 'This is a text. '.repeat(500));
    const sending = open({ driver }).send([note('a')]);
    await expect(sending).rejects.toThrow(
      `Transport "async": "${file}" is not an SQLite database. Check the path in the DSN.`,
    );
    await expect(sending).rejects.toMatchObject({ code: 'MESSENGER_TRANSPORT', cause: expect.any(Error) });
  });

  it('says that a file cannot be opened', async () => {
    const { file, open } = application();
    mkdirSync(file);
    await expect(open({ driver }).get()).rejects.toThrow(`"${file}" cannot be opened.`);
  });

  it('names the folder that cannot be created', async () => {
    const { file } = application();
    writeFileSync(file, '');
    const below = application(join(file, 'deeper', 'queue.db'));
    await expect(below.open({ driver }).get()).rejects.toThrow(
      `the folder "${join(file, 'deeper')}" cannot be created.`,
    );
    const nowhere = application('/proc/nowhere/queue.db');
    await expect(nowhere.open({ driver }).get()).rejects.toThrow(
      'the folder "/proc/nowhere" cannot be created.',
    );
  });

  it('tells what is wrong with a device rather than that nothing could be rolled back', async () => {
    await expect(application('/dev/null').open({ driver }).get()).rejects.not.toThrow('cannot rollback');
  });

  it('says that a file is damaged, and goes on to say so', async () => {
    const { file, open } = application();
    const transport = open({ driver });
    await transport.send(Array.from({ length: 200 }, () => note('x'.repeat(500))));
    await transport.close();
    damage(file);
    const reopened = application(file).open({ driver });
    await expect(reopened.get()).rejects.toThrow(`"${file}" is damaged.`);
    await expect(reopened.get()).rejects.toThrow(TransportError);
  });

  it('says that another process holds the lock for too long, and goes on once it is gone', async () => {
    const { file, open } = application();
    const transport = open({ driver, busyTimeout: 20 });
    await transport.send([note('a')]);
    const database = loadSqliteDriver('test', driver).open(file);
    database.exec('BEGIN IMMEDIATE');
    const sends = [transport.send([note('b')]), transport.send([note('c')])];
    for (const outcome of await Promise.allSettled(sends)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(TransportError) });
    }
    await expect(transport.get()).rejects.toThrow(`another process kept "${file}" locked`);
    database.exec('ROLLBACK');
    database.close();
    await transport.send([note('d')]);
    expect(textsOf(await transport.get({ max: 9 }))).toEqual(['a', 'd']);
  });

  it('knows a full disk, a file it may not write and a value too large by what the driver throws', () => {
    const database = loadSqliteDriver('test', driver).open(':memory:');
    database.exec('CREATE TABLE t (a); PRAGMA max_page_count = 3');
    const full = thrownBy(() => database.prepare('INSERT INTO t VALUES (zeroblob(100000))').run());
    database.exec('PRAGMA query_only = 1');
    const readOnly = thrownBy(() => database.prepare('INSERT INTO t VALUES (1)').run());
    const tooBig = thrownBy(() => database.prepare('SELECT zeroblob(2000000000)').get());
    database.close();
    expect([full, readOnly, tooBig].map(sqliteCodeOf)).toEqual(['FULL', 'READONLY', 'TOOBIG']);
    const texts = [full, readOnly, tooBig].map((error) => toTransportError('async', '/a.db', error).message);
    expect(texts[0]).toBe(
      'Transport "async": the disk that holds "/a.db" is full. Free some space; nothing of this call was stored.',
    );
    expect(texts[1]).toContain('"/a.db" cannot be written.');
    expect(texts[2]).toContain('larger than SQLite can store');
  });

  it('leaves a file that is whole without its log, with the last transport', async () => {
    const { file, open } = application();
    const [first, second] = [open({ driver }), open({ driver, queueName: 'failed' }, 'failed')];
    await first.send([note('a')]);
    await first.close();
    await first.close();
    await second.send([note('b')]);
    await second.close();
    const copy = join(temporaryFolder(), 'copy.db');
    copyFileSync(file, copy);
    const { open: openCopy } = application(copy);
    expect(textsOf(await openCopy({ driver }).get())).toEqual(['a']);
    expect(textsOf(await openCopy({ driver, queueName: 'failed' }).get())).toEqual(['b']);
  });
});

describe('SQLite transport', () => {
  it('refuses what a full disk has no room for, and hands out and takes off what is there', async () => {
    const { file, open } = application();
    // Its methods can be watched, which tells the connection of the transport.
    const driver = 'libsql';
    const spy = vi.spyOn(databaseClassOf(driver).prototype, 'exec');
    const transport = open({ driver });
    await transport.send([note('a')]);
    const connection = spy.mock.contexts.at(-1) as SqliteDatabase;
    spy.mockRestore();
    const large = 'x'.repeat(50_000);

    connection.exec('PRAGMA max_page_count = 1');
    await expect(transport.send([note(large)])).rejects.toThrow(`the disk that holds "${file}" is full.`);
    const received = await transport.get({ max: 9 });
    expect(await transport.ack(received)).toEqual({ lost: [] });
    connection.exec('PRAGMA max_page_count = 1000000');
    await transport.send([note(large)]);

    expect(textsOf(received)).toEqual(['a']);
    expect(textsOf(await transport.get({ max: 9 }))).toEqual([large]);
  });

  it('refuses to be used once it is closed, by name', async () => {
    const transport = application().open();
    await transport.send([note('a')]);
    const received = only(await transport.get());
    await transport.close();
    for (const call of [transport.send([note('b')]), transport.ack([received]), transport.messageCount()]) {
      await expect(call).rejects.toThrow('Transport "async": it is closed.');
    }
  });

  it('opens the file again for a transport that is made after the others were closed', async () => {
    const { open } = application();
    const transport = open();
    await transport.send([note('a')]);
    await transport.close();
    expect(textsOf(await open().get())).toEqual(['a']);
  });

  it('tries again to open a file that could not be opened', async () => {
    const { file, open } = application();
    const transport = open();
    writeFileSync(file, 'This is a text. '.repeat(500));
    await expect(transport.send([note('a')])).rejects.toThrow(TransportError);
    writeFileSync(file, '');
    await transport.send([note('b')]);
    expect(textsOf(await transport.get({ max: 2 }))).toEqual(['b']);
  });

  it('needs transports on one file to agree on their connection', () => {
    const { file, open } = application();
    open({ synchronous: 'full' });
    expect(() => open({ synchronous: 'normal' }, 'failed')).toThrow(InvalidOptionError);
    expect(() => open({ synchronous: 'normal' }, 'failed')).toThrow(
      `Transport "failed": option "synchronous" is "normal", but "full" for another transport on "${file}", and they share a connection.`,
    );
    expect(() => open({ busyTimeout: 10 }, 'failed')).not.toThrow();
    expect(() => open({ busyTimeout: 20 }, 'third')).toThrow(InvalidOptionError);
  });

  it('counts the defaults as agreed upon once the file is open', async () => {
    const { open } = application();
    await open().setup();
    expect(() => open({ synchronous: 'normal' }, 'second')).not.toThrow();
    expect(() => open({ synchronous: 'full' }, 'third')).toThrow(InvalidOptionError);
  });

  it.each([
    ['better-sqlite3', 'npm install better-sqlite3.'],
    ...(Number.parseInt(process.versions.node, 10) < 22
      ? [['node:sqlite', 'npm install @photostructure/sqlite@1 (or one of "better-sqlite3@12"']]
      : []),
  ])('says what to install when the driver "%s" is missing, at boot', (driver, advice) => {
    const create = () =>
      new SqliteTransportFactory().create(
        dsnOf('/nowhere/a.db', { driver: String(driver) }),
        {},
        { transportName: 'async', serializer: new NoteSerializer() },
      );
    expect(create).toThrow(MissingDriverError);
    expect(create).toThrow(String(advice));
  });

  it('reads bytes alike from whatever a driver hands out', () => {
    const bytes = Uint8Array.of(1, 0, 255);
    for (const blob of [bytes, Buffer.from(bytes), bytes.buffer]) {
      expect(bytesOf(blob)).toStrictEqual(bytes);
    }
    expect(bytesOf('text')).toBeUndefined();
  });
});
