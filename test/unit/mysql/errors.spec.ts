import { describe, expect, it } from 'vitest';
import {
  describeError,
  endsConnection,
  faultOf,
} from '../../../lib/transports/sql/server/mysql/mysql.errors.js';
import { MysqlPacketError } from '../../../lib/transports/sql/server/mysql/mysql.packet-error.js';
import { readServer } from '../../../lib/transports/sql/server/mysql/mysql.server.js';
import { MysqlVersionError } from '../../../lib/transports/sql/server/mysql/mysql.version-error.js';

/** As mysql2 makes them. */
function serverError(errno: number, sqlState: string, text = 'something'): Error {
  return Object.assign(new Error(text), { errno, sqlState, code: 'ER_SOMETHING' });
}

const lost = Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104 });

describe('an error of MySQL', () => {
  it.each([
    ['deadlock', serverError(1213, '40001'), 'conflict'],
    ['lock wait time-out', serverError(1205, 'HY000'), 'conflict'],
    ['a text that is none', serverError(1366, 'HY000'), 'statement'],
    ['too long a value', serverError(1406, '22001'), 'statement'],
    ['a packet that is too large', serverError(1153, '08S01'), 'statement'],
    ['a packet that was not sent', new MysqlPacketError(10, 5), 'statement'],
    ['read-only', serverError(1290, 'HY000'), 'refused'],
    ['no permission', serverError(1142, '42000'), 'refused'],
    ['a cluster that is not ready', serverError(1047, '08S01'), 'refused'],
    ['shutdown', serverError(1053, '08S01'), 'lost'],
    ['KILL, on MariaDB', serverError(1927, '70100'), 'lost'],
    ['idle for too long', serverError(4031, 'HY000'), 'lost'],
    ['a lost connection', lost, 'lost'],
    ['a reset connection', reset, 'lost'],
    ['what nobody knows', 'oops', 'lost'],
  ])('%s', (_, error, fault) => {
    expect(faultOf(error)).toBe(fault);
  });

  it('ends the connection if that is lost, or leads to a server that became a replica', () => {
    for (const error of [lost, reset, serverError(1053, '08S01'), serverError(1836, 'HY000')]) {
      expect(endsConnection(error)).toBe(true);
    }
    expect(endsConnection(serverError(1213, '40001'))).toBe(false);
  });

  it.each([
    [serverError(1045, '28000', 'Access denied'), 'user name and password of the DSN'],
    [serverError(1049, '42000'), 'has no such database'],
    [serverError(1146, '42S02'), 'Run the command "setup-transports"'],
    [serverError(1040, '08004'), 'Lower "pool_size"'],
    [serverError(1114, 'HY000'), 'has no room left'],
    [serverError(1836, 'HY000'), 'is read-only'],
    [serverError(1665, 'HY000'), '"binlog_format"'],
    [serverError(1999, 'HY000', 'odd.'), 'refused a statement (1999, HY000: odd).'],
    [Object.assign(new Error('no ssl'), { code: 'HANDSHAKE_NO_SSL_SUPPORT' }), 'does not speak TLS'],
    [Object.assign(new Error('self-signed certificate'), { code: 'HANDSHAKE_SSL_ERROR' }), '"ssl-ca"'],
    [new Error("Hostname/IP does not match certificate's altnames"), '"ssl-mode=verify_ca"'],
    [new Error('certificate has expired'), 'Renew its certificate'],
    [new AggregateError([], ''), 'does not answer'],
    [
      new MysqlPacketError(2000, 1000),
      'a message needs a packet of 2000 bytes, its "max_allowed_packet" is 1000',
    ],
  ])('says what to do: %s', (error, text) => {
    expect(describeError(error, 'MySQL at db:3306/shop')).toContain(text);
    expect(describeError(error, 'MySQL at db:3306/shop')).toContain('MySQL at db:3306/shop');
    expect(describeError(error, 'MySQL at db:3306/shop')).toMatch(/[^.]\.$/);
  });
});

describe('the version of a server', () => {
  const read = (version: string) => readServer({ version, max_packet: '16777216', id_step: 1 });

  it.each([
    '8.0.1',
    '8.4.3',
    '9.1.0-log',
    '10.6.0-MariaDB',
    '5.5.5-10.11.2-MariaDB-1:10.11',
    '11.4.1-MariaDB',
  ])('%s will do', (version) => {
    expect(read(version)).toMatchObject({ isMariaDb: version.includes('Maria'), maxPacket: 16_777_216 });
  });

  it.each(['5.7.44-log', '8.0.0', '10.5.23-MariaDB', '5.5.5-10.3.39-MariaDB'])('%s is too old', (version) => {
    expect(() => read(version)).toThrow(MysqlVersionError);
    expect(() => read(version)).toThrow(/must be MariaDB 10.6 or MySQL 8.0.1, or later/);
  });
});
