import { createConnection } from 'mysql2/promise';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mysqlDialect } from '../../../lib/transports/sql/server/mysql/mysql.dialect.js';
import { loadMysqlDriver } from '../../../lib/transports/sql/server/mysql/mysql.driver.js';
import { adaptTransaction } from '../../../lib/transports/sql/transactions/adapt-transaction.js';
import { note, place, receive, textsOf } from './setup.js';
import { sharedMysqlUrl } from './support/shared-mysql.js';

async function setup(settings: string, charset: string = 'UTF8MB4_UNICODE_CI') {
  const here = place();
  const transport = here.application().open();
  await transport.setup();
  const connection = await createConnection({ uri: sharedMysqlUrl().href, charset });
  onTestFinished(() => connection.end());
  await connection.query(settings);
  await connection.beginTransaction();
  const rows = mysqlDialect(loadMysqlDriver('test')).rowsOf(here.table);
  const store = (...bodies: readonly (string | Uint8Array)[]) =>
    rows.insertInto(
      adaptTransaction(connection, 'mysql'),
      bodies.map((body) => ({ queue: 'default', body, headers: '{"type":"note"}', delay: 0 })),
    );
  return { ...here, transport, connection, store };
}

const TRICKY = ["it's", '"quoted"', 'back\\slash\\', "\\'; -- ", '😀 ok', 'nul\0inside', ''];

describe('messages in a transaction of the application on MySQL', () => {
  it.each([
    ["SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", 'UTF8MB4_UNICODE_CI'],
    [
      "SET SESSION sql_mode = '', character_set_client = latin1, character_set_connection = latin1",
      'LATIN1_SWEDISH_CI',
    ],
    ['SET time_zone = "+05:30", SESSION sql_mode = "STRICT_ALL_TABLES,NO_ZERO_DATE"', 'UTF8MB4_UNICODE_CI'],
  ])('arrive as they are, with %s', async (settings, charset) => {
    const { transport, connection, store } = await setup(settings, charset);
    const ids = await store(...TRICKY);
    expect(await transport.get({ max: 10 })).toEqual([]);
    await connection.commit();
    const received = await receive(transport, TRICKY.length);
    expect(textsOf(received)).toEqual(TRICKY);
    expect(new Set(ids).size).toBe(TRICKY.length);
    expect(
      await Promise.all(ids.map(async (id) => (await transport.find(String(id))) !== undefined)),
    ).not.toContain(false);
  });

  it('are not there if it is rolled back', async () => {
    const { transport, connection, store } = await setup('SELECT 1');
    await store('a');
    await connection.rollback();
    expect(await transport.get({ max: 10 })).toEqual([]);
  });

  it('have the ids that the server gave them, many and far apart', async () => {
    const { transport, connection, store } = await setup('SET SESSION auto_increment_increment = 7');
    const bodies = Array.from({ length: 450 }, (_, index) => `message ${index}`);
    const ids = await store(...bodies);
    await connection.commit();
    for (const index of [0, 1, 199, 200, 449]) {
      const found = await transport.find(String(ids[index]));
      expect(found === undefined ? [] : textsOf([found])).toEqual([bodies[index]]);
    }
  });

  it('do not keep others from sending or receiving while it is open', async () => {
    const { transport, connection, store } = await setup('SELECT 1');
    await store('mine');
    await transport.send([note('other')]);
    expect(textsOf(await receive(transport, 1))).toEqual(['other']);
    await connection.rollback();
  });
});
