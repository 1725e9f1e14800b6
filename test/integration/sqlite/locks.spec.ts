import { describe, expect, it } from 'vitest';
import { MIGRATIONS, SqliteSchema } from '../../../lib/transports/sql/sqlite/sqlite.schema.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { application, insertRow, temporaryFile, textsOf, withDatabase } from './setup.js';

const LONG_MS = 60_000;

function locksIn(file: string): string[] {
  return withDatabase(file, (database) =>
    database
      .prepare('SELECT lock_key FROM messenger_messages_locks ORDER BY lock_key')
      .all()
      .map((row) => (row as { lock_key: string }).lock_key),
  );
}

describe('the locks of the SQLite transport', () => {
  it('can be had in a file of an earlier version, whose messages stay', async () => {
    const file = temporaryFile();
    withDatabase(file, (database) =>
      new SqliteSchema(database, 'messenger_messages', 'async', MIGRATIONS.slice(0, 1)).migrate(),
    );
    insertRow(file, { body: 'old', headers: '{}' });
    const transport = application(file).open();

    expect(await transport.locks.acquire('key', 'a', LONG_MS)).toBe(true);

    expect(textsOf(await transport.get())).toEqual(['old']);
    expect(locksIn(file)).toEqual(['key']);
  });

  it('leave nothing behind when they have ended', async () => {
    const clock = new FakeClock(Date.now());
    const { file, open } = application(undefined, clock);
    const { locks } = open();
    for (const key of ['a', 'b', 'released']) {
      await locks.acquire(key, key, LONG_MS);
    }
    await locks.release('released', 'released');
    expect(locksIn(file)).toEqual(['a', 'b']);

    await clock.advance(LONG_MS);
    await locks.acquire('c', 'c', LONG_MS);

    expect(locksIn(file)).toEqual(['c']);
  });
});
