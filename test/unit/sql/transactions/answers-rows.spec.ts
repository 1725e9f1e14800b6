import { expect, it } from 'vitest';
import { answersRows } from '../../../../lib/transports/sql/transactions/answers-rows.js';

it.each([
  'SELECT 1',
  '\n  select id FROM t',
  'INSERT INTO t (a) VALUES (?) RETURNING id',
  'DELETE FROM t\n RETURNING id',
  'WITH due AS (SELECT id FROM t) SELECT * FROM due',
  'WITH due AS (SELECT id FROM t FOR UPDATE SKIP LOCKED) SELECT * FROM due',
  'WITH due AS (SELECT id FROM t) UPDATE t SET a = 1 RETURNING id',
  'PRAGMA journal_mode',
])('%s: answers rows', (sql) => {
  expect(answersRows(sql)).toBe(true);
});

it.each([
  'INSERT INTO t (a) VALUES (?)',
  'INSERT INTO t (a) SELECT a FROM u',
  'UPDATE t SET a = 1',
  'DELETE FROM returning_messages',
  'WITH due AS (SELECT id FROM t) DELETE FROM t WHERE id IN (SELECT id FROM due)',
  'CREATE TABLE t (a int)',
])('%s: answers none', (sql) => {
  expect(answersRows(sql)).toBe(false);
});
