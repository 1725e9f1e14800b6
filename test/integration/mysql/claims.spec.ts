import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import type { SqlTransport } from '../../../lib/transports/sql/sql.transport.js';
import { eventually } from '../redis/support/eventually.js';
import { lostOf, note, only, place, receive, textsOf } from './setup.js';

const SOME = 40;

/** Receives, acknowledges, replaces one by a copy and prolongs, all at once, until `total` messages were received. */
async function emptyOut(worker: SqlTransport, seen: Map<string, number>, total: number): Promise<void> {
  while ([...seen.values()].reduce((sum, count) => sum + count, 0) < total) {
    const batch = await worker.get({ max: 7, wait: 50 });
    textsOf(batch).forEach((text) => seen.set(text, (seen.get(text) ?? 0) + 1));
    const half = Math.floor(batch.length / 2);
    const [first, second] = [batch.slice(0, half), batch.slice(half)];
    const results = await Promise.all([
      worker.ack(first),
      worker.requeue(second.slice(0, 1).map((received) => ({ received, copy: note('again'), to: worker }))),
      worker.keepalive(second.slice(1)).then(() => worker.ack(second.slice(1))),
    ]);
    expect(results.flatMap(lostOf)).toEqual([]);
  }
}

describe.each([{ isMysql: false }, { isMysql: true }])('claims on MySQL with %j', (setup) => {
  it('of 8 workers that receive, settle, requeue and prolong at once neither meet nor deadlock', async () => {
    const { application } = place();
    const senders = [application(setup).open(), application(setup).open()];
    const workers = Array.from({ length: 8 }, () => application(setup).open({ poolSize: 3 }));
    const total = SOME * 10;
    const seen = new Map<string, number>();
    const sent = Array.from({ length: SOME }, async (_, round) => {
      const notes = Array.from({ length: 10 }, (__, index) => note(`${round}.${index}`));
      await senders[round % 2]?.send(notes);
    });
    await Promise.all([...sent, ...workers.map((worker) => emptyOut(worker, seen, total))]);
    // Each of the messages once, and each copy in the place of one.
    const { again = 0, ...originals } = Object.fromEntries(seen);
    expect(again + Object.keys(originals).length).toBeGreaterThanOrEqual(total);
    expect(Object.entries(originals).filter(([, count]) => count !== 1)).toEqual([]);
  }, 60_000);

  it('end after 8 MiB', async () => {
    const transport = place().application(setup).open();
    const body = 'x'.repeat(3 * 1024 * 1024);
    await transport.send([note(body), note(body), note(body), note('small')]);
    expect(await transport.get({ max: 10 })).toHaveLength(3);
    expect(textsOf(await transport.get({ max: 10 }))).toEqual(['small']);
  });

  it('pass over rows that somebody has locked', async () => {
    const { application, pool, table } = place();
    const transport = application(setup).open();
    const [first] = await transport.send([note('locked'), note('free')]);
    expect(first).toBeDefined();
    const connection = await pool.getConnection();
    await connection.beginTransaction();
    await connection.query(`SELECT id FROM \`${table}\` ORDER BY id LIMIT 1 FOR UPDATE`);
    expect(textsOf(await transport.get({ max: 10 }))).toEqual(['free']);
    await connection.rollback();
    connection.release();
    expect(textsOf(await transport.get({ max: 10 }))).toEqual(['locked']);
  });

  it('that were lost are reported one by one, whatever they were settled with', async () => {
    const { application, pool, table } = place();
    const transport = application(setup).open();
    const takeOver = async (envelopes: readonly Envelope[]): Promise<void> => {
      const ids = envelopes.map((envelope) => textsOf([envelope])[0]);
      await pool.query(`UPDATE \`${table}\` SET owner = 'somebody' WHERE body IN (?)`, [ids]);
    };
    const taken = ['a1', 'r1', 'k1', 'q1'];
    await transport.send(['a1', 'a2', 'r1', 'r2', 'k1', 'k2', 'q1', 'q2'].map((text) => note(text)));
    const received = await receive(transport, 8);
    const named = (...texts: readonly string[]): readonly Envelope[] =>
      received.filter((envelope) => texts.includes(textsOf([envelope])[0] ?? ''));
    await takeOver(named(...taken));

    expect(textsOf(await transport.keepalive(named('k1', 'k2')))).toEqual(['k1']);
    expect(lostOf(await transport.ack(named('a1', 'a2')))).toEqual(['a1']);
    expect(lostOf(await transport.release(named('r1', 'r2')))).toEqual(['r1']);
    const items = named('q1', 'q2').map((original) => ({
      received: original,
      copy: note('copy'),
      to: transport,
    }));
    expect(lostOf(await transport.requeue(items))).toEqual(['q1']);

    const [rows] = await pool.query(`SELECT body FROM \`${table}\` WHERE owner = 'somebody' ORDER BY body`);
    expect((rows as unknown as ReadonlyArray<{ body: string }>).map(({ body }) => body)).toEqual(
      taken.sort(),
    );
    expect(textsOf(await receive(transport, 2)).sort()).toEqual(['copy', 'r2']);
  });

  it('of several batches are settled together, each by its own token', async () => {
    const { application, pool } = place();
    const transport = application(setup).open();
    await transport.send(['a', 'b', 'c'].map((text) => note(text)));
    const batches = [await transport.get(), await transport.get(), await transport.get()];
    await pool.query('SELECT 1');
    const results = await Promise.all(batches.map((batch) => transport.ack(batch)));
    expect(results).toEqual([{ lost: [] }, { lost: [] }, { lost: [] }]);
    expect(await transport.messageCount()).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
  });

  it('find within a second what is free again before the place where the last one ended', async () => {
    const here = place();
    const [busy, other] = [here.application(setup).open(), here.application(setup).open()];
    await other.send([note('0')]);
    const first = await receive(other, 1);
    // So many, and due later, that the end is not reached meanwhile.
    const later = Array.from({ length: 3000 }, (_, index) => note(`${index + 1}`, new DelayStamp(20)));
    await busy.send(later);
    await busy.ack(await receive(busy, 10));
    expect(lostOf(await other.release(first))).toEqual([]);
    const seen: string[] = [];
    await eventually('the released message had been received', async () => {
      const batch = await busy.get({ max: 1, wait: 100 });
      seen.push(...textsOf(batch));
      await busy.ack(batch);
      return seen.includes('0');
    });
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('of a host with a long name are settled, too', async () => {
    const { application } = place();
    const transport = application({ ...setup, consumer: `${'h'.repeat(200)}:1:é` }).open();
    await transport.send([note('a'), note('b')]);
    const [a, b] = await receive(transport, 2);
    expect(lostOf(await transport.release(a === undefined ? [] : [a]))).toEqual([]);
    expect(lostOf(await transport.ack(b === undefined ? [] : [b]))).toEqual([]);
    expect(textsOf(await receive(transport, 1))).toEqual(['a']);
  });

  it('that run out lead to a second delivery, with its count', async () => {
    const { application } = place();
    const [dead, alive] = [application(setup).open({ redeliverTimeout: 0.3 }), application(setup).open()];
    await dead.send([note('a')]);
    await dead.get();
    const again = only(await receive(alive, 1));
    expect(again.last(RedeliveredStamp)?.deliveryCount).toBe(2);
  });

  it('are made in the order in which messages are due', async () => {
    const transport = place().application(setup).open();
    await transport.send([note('late', new DelayStamp(60)), note('first'), note('second')]);
    expect(textsOf(await transport.get({ max: 2 }))).toEqual(['first', 'second']);
    expect(textsOf(await receive(transport, 1))).toEqual(['late']);
  });
});
