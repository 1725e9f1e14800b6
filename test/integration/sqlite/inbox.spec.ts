import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../../lib/envelope/clock.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import {
  loadSqliteDriver,
  type SqliteDatabase,
  type SqliteDriverName,
} from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { MIGRATIONS, SqliteSchema } from '../../../lib/transports/sql/sqlite/sqlite.schema.js';
import { deferred, rejectionOf } from '../../fixtures/core.js';
import { application, note, temporaryFile, textsOf, withDatabase } from './setup.js';

const DRIVERS = ['@photostructure/sqlite', 'libsql'] as const satisfies readonly SqliteDriverName[];

const entry = { messageId: 'm-1', handlerName: 'H' };

function setup(options: Readonly<Record<string, unknown>> = {}, file = temporaryFile(), clock?: Clock) {
  withDatabase(file, (database) => database.exec('CREATE TABLE IF NOT EXISTS effects (text TEXT)'));
  const transport = application(file, clock).open(options);
  return { file, transport, inbox: transport.inbox };
}

function write(transaction: object, text: string): void {
  (transaction as SqliteDatabase).prepare('INSERT INTO effects VALUES (?)').run(text);
}

function effectsIn(file: string): string[] {
  const select = 'SELECT text FROM effects ORDER BY rowid';
  return withDatabase(file, (database) => database.prepare(select).all()).map(
    (row) => (row as { text: string }).text,
  );
}

/** The handle of an application on the same file. */
function ownHandle(file: string): SqliteDatabase {
  const database = loadSqliteDriver('test').open(file);
  onTestFinished(() => void database.close());
  return database;
}

describe.each(DRIVERS)('the inbox of the SQLite transport, with %s', (driver) => {
  it('records an entry once', async () => {
    const { inbox } = setup({ driver });

    expect(await inbox.transaction((tx) => inbox.record(tx, entry))).toBe(true);
    expect(await inbox.transaction((tx) => inbox.record(tx, entry))).toBe(false);
    expect(await inbox.transaction((tx) => inbox.record(tx, { ...entry, handlerName: 'G' }))).toBe(true);
    expect(await inbox.transaction((tx) => inbox.record(tx, { ...entry, messageId: 'm-2' }))).toBe(true);
  });

  it('keeps the entry and the work of a transaction together, or neither', async () => {
    const { file, inbox } = setup({ driver });
    const boom = new Error('Boom.');

    const failed = inbox.transaction(async (tx) => {
      await inbox.record(tx, entry);
      write(tx, 'lost');
      throw boom;
    });
    expect(await rejectionOf(failed)).toBe(boom);
    expect(effectsIn(file)).toEqual([]);

    const isNew = await inbox.transaction(async (tx) => {
      const answer = await inbox.record(tx, entry);
      write(tx, 'kept');
      return answer;
    });
    expect(isNew).toBe(true);
    expect(effectsIn(file)).toEqual(['kept']);
  });
});

describe('a transaction of the inbox', () => {
  it('is open while something asynchronous happens, and the transport goes on when it has ended', async () => {
    const { file, transport, inbox } = setup();
    await transport.send([note('a')]);
    const [begun, gate] = [deferred(), deferred()];
    const transaction = inbox.transaction(async (tx) => {
      write(tx, 'x');
      begun.resolve();
      await gate.promise;
    });
    await begun.promise;

    const steps: string[] = [];
    const writes = [
      transport.send([note('b')]).then(() => steps.push('sent')),
      transport.get().then((envelopes) => steps.push(`got ${textsOf(envelopes).join()}`)),
    ];
    // Reading waits for nobody, and the event loop is free.
    expect(await transport.messageCount()).toMatchObject({ ready: 1 });
    expect(steps).toEqual([]);
    gate.resolve();
    await transaction;
    await Promise.all(writes);

    expect([...steps].sort()).toEqual(['got a', 'sent']);
    expect(effectsIn(file)).toEqual(['x']);
  });

  it('comes one after the other, and what waits to be written before the next', async () => {
    const { transport, inbox } = setup();
    await transport.send([note('a')]);
    const steps: string[] = [];
    const [begun, gate] = [deferred(), deferred()];
    const run = (name: string) =>
      inbox.transaction(async (tx) => {
        steps.push(`${name} begins`);
        begun.resolve();
        await gate.promise;
        write(tx, name);
        steps.push(`${name} ends`);
      });

    const transactions = [run('1'), run('2'), run('3')];
    await begun.promise;
    const sent = transport.send([note('b')]).then(() => steps.push('sent'));
    gate.resolve();
    await Promise.all([...transactions, sent]);

    expect(steps).toEqual(['1 begins', '1 ends', 'sent', '2 begins', '2 ends', '3 begins', '3 ends']);
  });

  it('lets the transport say so when it lasts too long, and then the transport goes on', async () => {
    const { file, transport, inbox } = setup({ busyTimeout: 20 });
    await transport.send([note('a')]);
    const [begun, gate] = [deferred(), deferred()];
    const transaction = inbox.transaction(async () => {
      begun.resolve();
      await gate.promise;
    });
    await begun.promise;

    await expect(transport.send([note('b')])).rejects.toThrow(
      `Transport "async": the transaction of an idempotent handler kept "${file}" locked for longer than "busy_timeout".`,
    );
    gate.resolve();
    await transaction;

    await transport.send([note('c')]);
    expect(textsOf(await transport.get({ max: 9 }))).toEqual(['a', 'c']);
  });

  it('refuses a write of the transport from within, which would wait for itself', async () => {
    const { transport, inbox } = setup();

    await expect(inbox.transaction(() => transport.send([note('a')]))).rejects.toThrow(
      'Transport "async": it was written to from within the transaction of an idempotent handler on the same file, and SQLite ' +
        'has one writer. Dispatch with a DispatchAfterCurrentBusStamp',
    );
    await transport.send([note('b')]);
    expect(textsOf(await transport.get({ max: 9 }))).toEqual(['b']);
  });

  it('lets another table of the file be made after it, not within', async () => {
    const { file, open } = application();
    const [first, second] = [open(), open({ tableName: 'second' }, 'other')];
    const [begun, gate] = [deferred(), deferred()];
    const transaction = first.inbox.transaction(async () => {
      begun.resolve();
      await gate.promise;
    });
    await begun.promise;
    const sent = second.send([note('a')]);
    gate.resolve();
    await Promise.all([transaction, sent]);
    expect(textsOf(await second.get())).toEqual(['a']);

    const third = open({ tableName: 'third' }, 'third');
    await expect(first.inbox.transaction(() => third.send([note('a')]))).rejects.toThrow('from within');
    expect(file).toBeDefined();
  });

  it('waits for one of another process without blocking this one', async () => {
    const { file, transport, inbox } = setup();
    await transport.send([note('a')]);
    const other = ownHandle(file);
    other.exec('BEGIN IMMEDIATE');

    const isNew = inbox.transaction((tx) => inbox.record(tx, entry));
    let turns = 0;
    while (turns < 20) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    other
      .prepare('INSERT INTO messenger_messages_inbox VALUES (?, ?, ?)')
      .run(entry.messageId, entry.handlerName, Date.now());
    other.exec('COMMIT');

    expect(await isNew).toBe(false);
  });

  it('gives up on another process after the busy timeout', async () => {
    const { file, transport, inbox } = setup({ busyTimeout: 20 });
    await transport.send([note('a')]);
    ownHandle(file).exec('BEGIN IMMEDIATE');

    await expect(inbox.transaction(async () => undefined)).rejects.toThrow(
      `another process kept "${file}" locked for longer than "busy_timeout"`,
    );
  });

  it('is possible in memory', async () => {
    const transport = application(':memory:').open();
    const { inbox } = transport;
    const isNew = () => inbox.transaction((tx) => inbox.record(tx, entry));

    await rejectionOf(
      inbox.transaction(async (tx) => {
        await inbox.record(tx, entry);
        throw new Error('Boom.');
      }),
    );
    expect([await isNew(), await isNew()]).toEqual([true, false]);
    await transport.send([note('a')]);
    expect(textsOf(await transport.get())).toEqual(['a']);
  });
});

describe('a transaction of the application', () => {
  it('records in it, and is rolled back with it', async () => {
    const { file, inbox } = setup();
    const handle = ownHandle(file);
    const attempt = (end: 'COMMIT' | 'ROLLBACK') =>
      inbox.exclusively?.(async () => {
        handle.exec('BEGIN IMMEDIATE');
        const isNew = await inbox.record(handle, entry);
        handle.exec(end);
        return isNew;
      });

    expect([await attempt('ROLLBACK'), await attempt('COMMIT'), await attempt('COMMIT')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('keeps the transport from blocking the event loop meanwhile', async () => {
    const { file, transport, inbox } = setup();
    const handle = ownHandle(file);
    const [begun, gate] = [deferred(), deferred()];
    const work = inbox.exclusively?.(async () => {
      handle.exec('BEGIN IMMEDIATE');
      await inbox.record(handle, entry);
      begun.resolve();
      await gate.promise;
      handle.exec('COMMIT');
    });
    await begun.promise;

    const sent = transport.send([note('a')]);
    gate.resolve();
    await Promise.all([work, sent]);

    expect(textsOf(await transport.get())).toEqual(['a']);
  });

  it('has to be on the file of the inbox', async () => {
    const { file, inbox } = setup();
    const elsewhere = ownHandle(temporaryFile());
    elsewhere.exec('BEGIN');

    await expect(inbox.exclusively?.(() => inbox.record(elsewhere, entry))).rejects.toThrow(
      `Transport "async": its inbox is in "${file}", and the transaction of the handler is on a database that has no table ` +
        '"messenger_messages_inbox".',
    );
  });
});

describe('the table of the inbox', () => {
  it('forgets what is old, 500 entries at once', async () => {
    const clock = new FakeClock();
    const { file, inbox } = setup({}, temporaryFile(), clock);
    const record = (count: number, prefix: string) =>
      inbox.transaction(async (tx) => {
        for (let i = 0; i < count; i++) {
          await inbox.record(tx, { messageId: `${prefix}${i}`, handlerName: 'H' });
        }
      });
    await record(600, 'old');
    await clock.advance(1000);
    await record(3, 'new');

    const before = clock.now();
    expect([await inbox.prune(before), await inbox.prune(before), await inbox.prune(before)]).toEqual([
      500, 100, 0,
    ]);
    const left = withDatabase(file, (database) =>
      database.prepare('SELECT message_id FROM messenger_messages_inbox').all(),
    );
    expect(left).toMatchObject([{ message_id: 'new0' }, { message_id: 'new1' }, { message_id: 'new2' }]);
  });

  it('finds what is old by an index', async () => {
    const { file, transport } = setup();
    await transport.setup();
    const plan = withDatabase(file, (database) =>
      database
        .prepare(
          'EXPLAIN QUERY PLAN SELECT message_id FROM messenger_messages_inbox WHERE handled_at < 1 LIMIT 500',
        )
        .all(),
    );

    expect(JSON.stringify(plan)).toContain('messenger_messages_inbox_age');
  });

  it('is added to a table of the first version, whose messages stay', async () => {
    const file = temporaryFile();
    withDatabase(file, (database) => {
      new SqliteSchema(database, 'messenger_messages', 'async', MIGRATIONS.slice(0, 1)).migrate();
      database
        .prepare(
          'INSERT INTO messenger_messages (queue_name, body, headers, created_at, available_at) VALUES (?, ?, ?, ?, ?)',
        )
        .run('default', 'old', '{"type":"note"}', 1, 1);
    });
    const { inbox, transport } = setup({}, file);

    expect(await inbox.transaction((tx) => inbox.record(tx, entry))).toBe(true);
    expect(textsOf(await transport.get())).toEqual(['old']);
  });

  it('has to be there if it may not be made on first use', async () => {
    const { inbox } = setup({ autoSetup: false });

    await expect(inbox.transaction(async () => undefined)).rejects.toThrow('Run "setup-transports"');
  });

  it('is closed with the transport, and the file is left whole', async () => {
    const { file, inbox, transport } = setup();
    await inbox.transaction(async (tx) => write(tx, 'x'));

    await transport.close();

    expect(effectsIn(file)).toEqual(['x']);
    await expect(inbox.transaction(async () => undefined)).rejects.toThrow('it is closed');
  });
});
