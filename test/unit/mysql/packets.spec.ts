import { describe, expect, it } from 'vitest';
import { MysqlPacketError } from '../../../lib/transports/sql/server/mysql/mysql.packet-error.js';
import { listStatements, packetsOf } from '../../../lib/transports/sql/server/mysql/mysql.packets.js';

describe('packets of statements', () => {
  it('are as few as hold them, in their order', () => {
    const statements = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100));
    expect(packetsOf(statements, 1000)).toEqual([statements]);
    expect(packetsOf(statements, 300)).toEqual([statements.slice(0, 2), statements.slice(2)]);
  });

  it('are measured in bytes', () => {
    const statements = ['é'.repeat(100), 'é'.repeat(100)];
    expect(packetsOf(statements, 400)).toHaveLength(2);
  });

  it('never exceed the limit', () => {
    const tuples = Array.from({ length: 500 }, (_, index) => `(${'x'.repeat(index)})`);
    const statements = listStatements('INSERT INTO t VALUES ', tuples, ' RETURNING id', 2000);
    expect(statements.join('').match(/\(/g)).toHaveLength(500);
    expect(Math.max(...statements.map(({ length }) => length))).toBeLessThan(2000);
  });

  it('refuse what fits into none, with its size', () => {
    expect(() => packetsOf(['x'.repeat(1000)], 1000)).toThrow(MysqlPacketError);
    expect(() => listStatements('INSERT ', ['x'.repeat(1000)], '', 1000)).toThrow(
      /needs a packet of 1071 bytes/,
    );
  });
});
