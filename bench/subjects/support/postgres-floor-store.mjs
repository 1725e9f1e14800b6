import pg from 'pg';

import { now } from '../../harness/clock.mjs';
import { HEADERS } from './order-codec.mjs';
import { locate } from './sql-address.mjs';

/**
 * The hand-written queue of the floors: one table and prepared statements. It keeps what a message bus must keep (body,
 * headers, queue, times), and does nothing a message bus could do without. Times are those of the clients.
 */
const schemaOf = (table) => `
  CREATE TABLE IF NOT EXISTS ${table} (
    id bigserial PRIMARY KEY,
    body text NOT NULL,
    headers text NOT NULL,
    queue_name varchar(190) NOT NULL,
    created_at timestamptz NOT NULL,
    available_at timestamptz NOT NULL,
    delivered_at timestamptz
  );
  CREATE INDEX IF NOT EXISTS ${table}_ready ON ${table} (queue_name, available_at, id)
    WHERE delivered_at IS NULL;
`;

const insertInto = (table) => `
  INSERT INTO ${table} (body, headers, queue_name, created_at, available_at)
  VALUES ($1, $2, 'default', now(), to_timestamp($3::float8 / 1000))
`;

const insertAllInto = (table) => `
  INSERT INTO ${table} (body, headers, queue_name, created_at, available_at)
  SELECT body, headers, 'default', now(), to_timestamp(due / 1000)
  FROM unnest($1::text[], $2::text[], $3::float8[]) AS message (body, headers, due)
`;

/** The number is part of the text: a plan made for any number would read the whole table. */
const claimFrom = (table, max) => `
  WITH due AS (
    SELECT id FROM ${table}
    WHERE queue_name = 'default' AND delivered_at IS NULL AND available_at <= to_timestamp($1::float8 / 1000)
    ORDER BY available_at, id LIMIT ${max} FOR UPDATE SKIP LOCKED
  )
  UPDATE ${table} SET delivered_at = now() FROM due WHERE ${table}.id = due.id
  RETURNING ${table}.id, body, headers
`;

const nextDueIn = (table) => `
  SELECT extract(epoch FROM min(available_at)) * 1000 AS due FROM ${table}
  WHERE queue_name = 'default' AND delivered_at IS NULL
`;

/**
 * What the floors say to the server.
 *
 * @param {string} address
 */
export function statementsFor(address) {
  const { name: table } = locate(address);
  return {
    create: () => schemaOf(table),
    listen: () => `LISTEN ${table}`,
    insert: (message, due) => ({
      name: 'insert',
      text: insertInto(table),
      values: [JSON.stringify(message), HEADERS, due],
    }),
    insertAll: (messages) => ({
      name: 'insert-all',
      text: insertAllInto(table),
      values: [
        messages.map(({ message }) => JSON.stringify(message)),
        messages.map(() => HEADERS),
        messages.map(({ due }) => due),
      ],
    }),
    notify: (due) => ({ name: 'notify', text: 'SELECT pg_notify($1, $2)', values: [table, `${due}`] }),
    claim: (max) => ({ name: `claim-${max}`, text: claimFrom(table, max), values: [now()] }),
    nextDue: () => ({ name: 'next-due', text: nextDueIn(table) }),
    deleteAll: (ids) => ({
      name: 'delete-all',
      text: `DELETE FROM ${table} WHERE id = ANY($1::bigint[])`,
      values: [ids],
    }),
  };
}

/** @param {string} address */
export async function connect(address) {
  const client = new pg.Client({ connectionString: locate(address).server });
  await client.connect();
  return client;
}
