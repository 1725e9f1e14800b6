import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../lib/envelope/clock.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { MessageDecodingFailedError } from '../../../lib/errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import type { EncodedEnvelope } from '../../../lib/message/encoded-envelope.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { loadSqliteDriver, type SqliteDatabase } from '../../../lib/transports/sql/sqlite/sqlite.driver.js';
import type { SqliteTransport } from '../../../lib/transports/sql/sqlite/sqlite.transport.js';
import { SqliteTransportFactory } from '../../../lib/transports/sql/sqlite/sqlite.transport-factory.js';

/** A message whose whole content is a text. */
export class Note {
  constructor(readonly text: string) {}
}

/** Keeps the text of a note as the body; refuses "unencodable" and a body that is no text. */
export class NoteSerializer implements Serializer {
  encode({ message }: Envelope): EncodedEnvelope {
    const { text } = message as Note;
    if (text === 'unencodable') {
      throw new MessageEncodingFailedError('Note', 'it says so');
    }
    return { body: text, headers: { type: 'note' } };
  }

  decode({ body }: EncodedEnvelope): Envelope {
    if (typeof body !== 'string') {
      throw new MessageDecodingFailedError('The body is no text.');
    }
    return new Envelope<object>(new Note(body));
  }
}

/** A folder of its own, which is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-sqlite-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function temporaryFile(): string {
  return join(temporaryFolder(), 'messages.db');
}

export function dsnOf(file: string, query: Readonly<Record<string, string>> = {}): Dsn {
  return new Dsn(`sqlite:${file}?${new URLSearchParams(query).toString()}`, 'async');
}

export interface Application {
  readonly file: string;
  /** A transport on the file, closed after the test. */
  readonly open: (options?: Readonly<Record<string, unknown>>, transportName?: string) => SqliteTransport;
}

/** What one process of an application has: a factory, and its transports on one file. */
export function application(
  file: string = temporaryFile(),
  clock: Clock = systemClock,
  wrap: (serializer: Serializer) => Serializer = (serializer) => serializer,
): Application {
  const factory = new SqliteTransportFactory({ clock });
  return {
    file,
    open(options = {}, transportName = 'async') {
      const context = { transportName, serializer: wrap(new NoteSerializer()) };
      const transport = factory.create(dsnOf(file), options, context);
      onTestFinished(() => transport.close());
      return transport;
    },
  };
}

export function note(text: string, ...stamps: readonly Stamp[]): Envelope {
  return new Envelope<object>(new Note(text), stamps);
}

export function textsOf(envelopes: readonly Envelope[]): string[] {
  return envelopes.map(({ message }) => (message as Note).text);
}

/** The only one of `envelopes`. */
export function only(envelopes: readonly Envelope[]): Envelope {
  const [envelope, ...more] = envelopes;
  if (envelope === undefined || more.length > 0) {
    throw new RangeError(`Expected one envelope, got ${envelopes.length}.`);
  }
  return envelope;
}

/** Runs `use` on a connection of its own, as another program would. */
export function withDatabase<T>(file: string, use: (database: SqliteDatabase) => T): T {
  const database = loadSqliteDriver('test').open(file);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

export interface ForeignRow {
  readonly queueName?: string;
  readonly body: string | number | Uint8Array;
  readonly headers: string;
}

/** Stores a row that no transport wrote. */
export function insertRow(file: string, { queueName = 'default', body, headers }: ForeignRow): void {
  withDatabase(file, (database) =>
    database
      .prepare(
        'INSERT INTO messenger_messages (queue_name, body, headers, created_at, available_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(queueName, body, headers, Date.now(), Date.now()),
  );
}
