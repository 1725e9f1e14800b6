import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/envelope/clock.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';
import { QuarantiningSerializer } from '../../../lib/serializer/quarantining.serializer.js';
import type { Serializer } from '../../../lib/serializer/serializer.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { MessageDecodingFailedStamp } from '../../../lib/stamp/message-decoding-failed.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { SqlReceivedStamp } from '../../../lib/transports/sql/sql.stamps.js';
import { sqlOn } from '../../../lib/transports/sql/sqlite/sqlite.statements.js';
import { application, insertRow, note, only, temporaryFile, textsOf, withDatabase } from './setup.js';

/** A queue as two processes see it, at a time that stands still. */
function twoProcesses(options = {}) {
  const clock = new FakeClock();
  const file = temporaryFile();
  const [first, second] = [application(file, clock), application(file, clock)];
  return { clock, file, first: first.open(options), second: second.open(options) };
}

const LEASE_MS = 60_000;

describe('claims of the SQLite transport', () => {
  it('last a minute unless they are prolonged', async () => {
    const { clock, first, second } = twoProcesses();
    expect(first.leaseDuration).toBe(LEASE_MS);
    await first.send([note('a')]);
    const received = only(await first.get());
    await clock.advance(LEASE_MS - 1);
    expect(await second.get()).toEqual([]);
    expect(await first.keepalive([received])).toEqual([]);
    await clock.advance(LEASE_MS - 1);
    expect(await second.get()).toEqual([]);
    await clock.advance(1);
    expect(only(await second.get()).last(RedeliveredStamp)?.deliveryCount).toBe(2);
  });

  it('that ran out still settle a message which nobody else took meanwhile', async () => {
    const { clock, first, second } = twoProcesses();
    await first.send([note('a')]);
    const received = only(await first.get());
    await clock.advance(LEASE_MS * 2);
    expect(await first.ack([received])).toEqual({ lost: [] });
    expect(await second.get()).toEqual([]);
  });

  it('take no more than 8 MiB of bodies at once, however many messages are asked for, but at least one', async () => {
    const { first } = twoProcesses();
    const megabytes = (count: number) => note('x'.repeat(count * 1024 * 1024));
    await first.send([note('tiny'), megabytes(3), megabytes(3), megabytes(3), megabytes(9), note('last')]);

    const sizes = async () =>
      (await first.get({ max: 100 })).map((envelope) => textsOf([envelope])[0]?.length);

    expect(await sizes()).toEqual(
      [4, 3, 3, 3].map((count, index) => (index === 0 ? count : count * 1024 * 1024)),
    );
    expect(await sizes()).toEqual([9 * 1024 * 1024]);
    expect(await sizes()).toEqual([4]);
  });

  it('that somebody else has by now cannot settle, prolong, release or requeue', async () => {
    const { clock, first, second } = twoProcesses();
    await first.send([note('a')]);
    const stale = only(await first.get());
    await clock.advance(LEASE_MS);
    const current = only(await second.get());
    expect(await first.keepalive([stale])).toEqual([stale]);
    expect(await first.release([stale])).toEqual({ lost: [stale] });
    expect(await first.requeue([{ received: stale, copy: note('copy'), to: first }])).toEqual({
      lost: [stale],
    });
    expect(await first.reject([stale])).toEqual({ lost: [stale] });
    expect(await first.ack([stale])).toEqual({ lost: [stale] });
    expect(await second.ack([current])).toEqual({ lost: [] });
  });

  it('name the process and differ each time, also within one process', async () => {
    const { clock, first } = twoProcesses();
    await first.send([note('a')]);
    const owner = only(await first.get()).last(SqlReceivedStamp)?.owner ?? '';
    await clock.advance(LEASE_MS);
    const nextOwner = only(await first.get()).last(SqlReceivedStamp)?.owner ?? '';
    expect(owner).toContain(`:${process.pid}:`);
    expect(nextOwner).not.toBe(owner);
    expect(nextOwner.split('/')[0]).toBe(owner.split('/')[0]);
  });

  it('of a dead process are freed in the order in which the messages were due', async () => {
    const { clock, first, second } = twoProcesses();
    await first.send([note('a'), note('b')]);
    await first.get({ max: 2 });
    await clock.advance(1);
    await first.send([note('c')]);
    await clock.advance(LEASE_MS);
    expect(textsOf(await second.get({ max: 3 }))).toEqual(['a', 'b', 'c']);
  });

  it('count up while releases count down', async () => {
    const { clock, first } = twoProcesses();
    await first.send([note('a')]);
    await first.release(await first.get());
    await first.release(await first.get());
    expect(only(await first.get()).has(RedeliveredStamp)).toBe(false);
    await clock.advance(LEASE_MS);
    const second = await first.get();
    expect(only(second).last(RedeliveredStamp)?.deliveryCount).toBe(2);
    await first.release(second);
    expect(only(await first.get()).last(RedeliveredStamp)?.deliveryCount).toBe(2);
  });

  it('that are released leave the messages where they were, also if a later one was sent first', async () => {
    const { clock, first } = twoProcesses();
    await first.send([note('second', new DelayStamp(1000))]);
    await clock.advance(500);
    await first.send([note('first')]);
    await clock.advance(500);
    const received = await first.get({ max: 2 });
    expect(textsOf(received)).toEqual(['first', 'second']);
    await first.release(received);
    expect(textsOf(await first.get({ max: 2 }))).toEqual(['first', 'second']);
  });

  it('that are released with a delay are due after it', async () => {
    const { clock, first } = twoProcesses();
    await first.send([note('a')]);
    await first.release(await first.get(), { delay: 250 });
    await clock.advance(249);
    expect(await first.get()).toEqual([]);
    await clock.advance(1);
    expect(textsOf(await first.get())).toEqual(['a']);
  });

  it('by id reach a message that is not due, and leave it with who holds it', async () => {
    const { clock, first, second } = twoProcesses();
    const sent = only(await first.send([note('later', new DelayStamp(5000))]));
    const id = sent.last(TransportMessageIdStamp)?.id ?? '';
    const claimed = await second.claim(id);
    expect(textsOf(claimed === undefined ? [] : [claimed])).toEqual(['later']);
    expect(await first.claim(id)).toBeUndefined();
    await clock.advance(LEASE_MS);
    expect(await first.claim(id)).toBeDefined();
  });

  it('by id leave the messages of other queues alone', async () => {
    const { open } = application();
    const [first, second] = [open(), open({ queueName: 'other' }, 'other')];
    const id = only(await first.send([note('a')])).last(TransportMessageIdStamp)?.id ?? '';
    expect(await second.claim(id)).toBeUndefined();
    expect(await second.find(id)).toBeUndefined();
    expect(await first.find(id)).toBeDefined();
  });

  it('never give a new message the id of an old one', async () => {
    const { file, open } = application();
    const transport = open();
    const id = (envelope: Envelope) => Number(envelope.last(TransportMessageIdStamp)?.id);
    const before = id(only(await transport.send([note('a')])));
    await transport.ack(await transport.get());
    await transport.close();
    const after = id(
      only(
        await application(file)
          .open()
          .send([note('b')]),
      ),
    );
    expect(after).toBeGreaterThan(before);
  });

  it('move a message to another queue under its id, and to another table in the same step', async () => {
    const { open } = application();
    const transport = open();
    const [queue, table] = [
      open({ queueName: 'failed' }, 'failed'),
      open({ tableName: 'failed' }, 'elsewhere'),
    ];
    await transport.send([note('a'), note('b')]);
    const [a, b] = await transport.get({ max: 2 });
    await transport.requeue([
      { received: a as Envelope, copy: note('copy of a'), to: queue },
      { received: b as Envelope, copy: note('copy of b'), to: table },
    ]);
    const moved = only(await queue.get({ max: 2 }));
    expect(textsOf([moved])).toEqual(['copy of a']);
    expect(moved.last(TransportMessageIdStamp)?.id).toBe(a?.last(TransportMessageIdStamp)?.id);
    expect(textsOf(await table.get({ max: 2 }))).toEqual(['copy of b']);
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it('keep a message whose copy the other table refuses', async () => {
    const { file, open } = application();
    const [transport, table] = [open(), open({ tableName: 'failed' }, 'elsewhere')];
    await table.setup();
    withDatabase(file, (database) =>
      database.exec(
        `CREATE TRIGGER closed BEFORE INSERT ON failed BEGIN SELECT raise(ABORT, 'no room'); END`,
      ),
    );
    await transport.send([note('a')]);
    const received = only(await transport.get());
    const requeueing = transport.requeue([{ received, copy: note('copy'), to: table }]);
    await expect(requeueing).rejects.toThrow('no room');
    expect(await transport.ack([received])).toEqual({ lost: [] });
  });

  it('cannot hand a message to a transport of another file or another application', async () => {
    const { file, open } = application();
    const transport = open();
    const [elsewhere, stranger] = [application().open(), application(file).open()];
    await transport.send([note('a')]);
    const received = only(await transport.get());
    for (const to of [elsewhere, stranger]) {
      expect(transport.canRequeueTo(to)).toBe(false);
      await expect(transport.requeue([{ received, copy: received, to }])).rejects.toThrow(
        'Ask canRequeueTo() first.',
      );
    }
    expect(await transport.ack([received])).toEqual({ lost: [] });
  });

  it('are needed to settle: an envelope made anew is refused by name', async () => {
    const transport = application().open();
    await transport.send([note('a')]);
    const { message } = only(await transport.get());
    await expect(transport.ack([new Envelope(message)])).rejects.toThrow(
      'cannot settle a message "Note" without the stamp "SqlReceivedStamp"',
    );
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '["a"]'],
    ['null', 'null'],
    ['a header that is no text', '{"type": {"a": 1}}'],
  ])('hand out a row whose headers are %s as an undecodable message', async (_, headers) => {
    const quarantining = (inner: Serializer) => new QuarantiningSerializer(inner);
    const { file, open } = application(temporaryFile(), systemClock, quarantining);
    const [transport, failed] = [open(), open({ queueName: 'failed' })];
    await transport.setup();
    insertRow(file, { body: 'a', headers });
    const received = only(await transport.get());
    expect(await transport.requeue([{ received, copy: received, to: failed }])).toEqual({ lost: [] });
    const moved = only(await failed.get());
    for (const envelope of [received, moved]) {
      // Nothing is lost: the text of the column is there, and the reason stays true wherever the message goes.
      expect(envelope.message).toEqual(
        new UndecodableMessage({ body: 'a', headers: { 'X-Broken-Headers': headers } }),
      );
      expect(envelope.last(MessageDecodingFailedStamp)?.error.message).toContain(
        'not a JSON object of texts',
      );
    }
    expect(await failed.ack([moved])).toEqual({ lost: [] });
  });

  it('hand out what the serializer cannot decode, bytes and numbers included, untouched', async () => {
    const { file, open } = application();
    const transport = open();
    await transport.setup();
    insertRow(file, { body: Uint8Array.of(0, 1, 255), headers: '{"a": "b"}' });
    insertRow(file, { body: 1.5, headers: '{}' });
    const [bytes, number] = await transport.get({ max: 2 });
    expect(bytes?.message).toEqual(
      new UndecodableMessage({ body: Uint8Array.of(0, 1, 255), headers: { a: 'b' } }),
    );
    expect(bytes?.last(MessageDecodingFailedStamp)?.error.message).toBe('The body is no text.');
    expect(textsOf([number as Envelope])).toEqual(['1.5']);
  });

  it('walk along an index, whatever statistics SQLite has', async () => {
    const { file, open } = application();
    const transport = open();
    await transport.setup();
    const sql = sqlOn('messenger_messages');
    withDatabase(file, (database) => {
      database.exec('ANALYZE');
      for (const statement of ['outlook', 'freeExpired', 'claim', 'count', 'page'] as const) {
        const plan = database
          .prepare(`EXPLAIN QUERY PLAN ${sql[statement].replaceAll('?', '1')}`)
          .all()
          .map((row) => (row as { detail: string }).detail)
          .filter((detail) => detail.includes('messenger_messages'));
        expect(plan).not.toEqual([]);
        expect(plan.filter((detail) => detail.startsWith('SCAN'))).toEqual([]);
      }
    });
  });
});
