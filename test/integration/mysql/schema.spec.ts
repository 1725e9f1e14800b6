import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../fixtures/core.js';
import { mysqlDialect } from '../../../lib/transports/sql/server/mysql/mysql.dialect.js';
import { MYSQL_MIGRATIONS } from '../../../lib/transports/sql/server/mysql/mysql.schema.js';
import { note, place, receive, textsOf } from './setup.js';

const SCHEMA = 'nestjs_messenger_schema';

describe('the table of a MySQL transport', () => {
  it('is made once by those who begin at the same time', async () => {
    const { application, pool, table } = place();
    const transports = Array.from({ length: 5 }, () => application().open());
    await Promise.all(transports.map((transport) => transport.send([note('a')])));
    expect(await transports[0]?.messageCount()).toMatchObject({ ready: 5 });
    const [rows] = await pool.query(`SELECT version FROM ${SCHEMA} WHERE table_name = ?`, [table]);
    expect(rows).toEqual([{ version: MYSQL_MIGRATIONS.length }]);
  });

  it('can be made by its script', async () => {
    const { application, pool } = place();
    const transport = application().open({ autoSetup: false });
    expect((await rejectionOf(transport.send([note('a')]))).message).toContain('Run "setup-transports"');
    for (const statement of transport.setupSql()) {
      await pool.query(statement);
    }
    await transport.send([note('a')]);
    expect(textsOf(await receive(transport, 1))).toEqual(['a']);
  });

  it('has one index besides its key, and compares texts byte by byte', async () => {
    const { application, pool, table } = place();
    const [upper, lower] = ['High', 'high'].map((queueName) => application().open({ queueName }));
    await upper?.send([note('a')]);
    expect(await lower?.get({ max: 10 })).toEqual([]);
    const [rows] = await pool.query(`SHOW INDEX FROM \`${table}\``);
    const indexes = (rows as unknown as ReadonlyArray<{ Key_name: string; Column_name: string }>).map(
      ({ Key_name: index, Column_name: column }) => `${index} ${column}`,
    );
    expect(indexes).toEqual(['PRIMARY id', 'due queue_name', 'due available_at', 'due id']);
  });

  it('is left alone if it is somebody else’s', async () => {
    const { application, pool, table } = place();
    await pool.query(`CREATE TABLE \`${table}\` (id INT)`);
    const error = await rejectionOf(application().open().setup());
    expect(error.message).toContain(`the table "${table}" exists already and was not made by this transport`);
  });

  it('is finished by the next one if whoever made it was interrupted', async () => {
    const { application, pool, table } = place();
    const [messages = ''] = application().open().setupSql();
    await pool.query(messages);
    const transport = application().open();
    await transport.send([note('a')]);
    await transport.writeSignal('x');
    const [rows] = await pool.query(`SELECT version FROM ${SCHEMA} WHERE table_name = ?`, [table]);
    expect(rows).toEqual([{ version: MYSQL_MIGRATIONS.length }]);
  });

  it('is refused if it is newer than the package', async () => {
    const { application, pool, table } = place();
    await application().open().setup();
    await pool.query(`UPDATE ${SCHEMA} SET version = 99 WHERE table_name = ?`, [table]);
    const error = await rejectionOf(
      application()
        .open()
        .send([note('a')]),
    );
    expect(error.message).toContain('has schema version 99');
  });

  it('may be in another database than that of the connection', async () => {
    const { application, pool, table } = place();
    const transport = application().open({ tableName: `test.${table}` }, 'qualified');
    await transport.send([note('a')]);
    const [rows] = await pool.query(`SELECT COUNT(*) AS count FROM \`${table}\``);
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('has statements that are quoted whatever the SQL mode', () => {
    const steps = mysqlDialect({ format: (sql) => sql }).schemaOf('test.jobs');
    expect([...steps.migrations.flat(), steps.createVersions].join('\n')).not.toContain('"');
  });
});
