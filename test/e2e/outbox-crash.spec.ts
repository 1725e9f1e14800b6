import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setUpFiles, setUpServers } from './support/outbox-places.js';
import type { StoredOrder } from './support/outbox-playground.js';
import type { Exit } from './support/spawned.js';
import { until } from './support/until.js';

const KILLED: Exit = { code: null, signal: 'SIGKILL' };
const DONE: Exit = { code: 0, signal: null };

/** Without those that came before. */
function firsts(messages: readonly StoredOrder[]): readonly StoredOrder[] {
  return messages.filter(({ id }, index) => messages.findIndex((other) => other.id === id) === index);
}

const sequencesOf = (messages: readonly StoredOrder[]): readonly number[] =>
  messages.map(({ sequence }) => sequence);

describe.each([
  ['SQLite', setUpFiles],
  ['PostgreSQL, and their queue in Redis', setUpServers],
])('processes with an outbox in %s, that are killed', (_, setUp) => {
  it('a producer, before and after its commit: what is committed arrives, what is not never does', async () => {
    const { playground, places } = await setUp();
    expect(await playground.placeAndCrash(0, 'before-commit')).toEqual(KILLED);
    expect(await playground.placeAndCrash(101, 'after-commit')).toEqual(KILLED);
    const killed = [0, 1, 3, 102, 103, 105];
    expect(await places.committed()).toEqual(killed);
    expect(sequencesOf(await places.waiting())).toEqual(killed);
    await playground.place(200, 30);
    const committed = await places.committed();
    expect(committed).toHaveLength(killed.length + 20);

    // A consumer forwards as well, and is killed with messages in its hands; another one goes on.
    expect(await playground.consumer('consumer').exited()).toEqual(KILLED);
    const consumer = playground.consumer();
    const handled = (): readonly string[] =>
      playground.ledger
        .filter((line) => line.startsWith('handled '))
        .map((line) => line.slice('handled '.length));
    await until('all are handled', () => new Set(handled()).size >= committed.length);
    consumer.kill('SIGTERM');

    expect(await consumer.exited()).toEqual(DONE);
    // One id for each order, however often it was handled.
    expect(new Set(handled()).size).toBe(committed.length);
    expect([...new Set(handled().map((line) => Number(line.split(' ')[0])))].sort((a, b) => a - b)).toEqual(
      committed,
    );
    expect(await places.waiting()).toEqual([]);
  }, 120_000);

  it('a relay, before it forwards, in the middle, and before it settles: nothing is lost or out of order', async () => {
    const { playground, places } = await setUp();
    await playground.place(0, 60);
    const committed = await places.committed();
    const { length } = committed;

    expect(await playground.relay('before-forwarding').exited()).toEqual(KILLED);
    expect(await places.arrived()).toEqual([]);
    expect(await playground.relay('mid-batch').exited()).toEqual(KILLED);
    expect(sequencesOf(await places.arrived())).toEqual(committed.slice(0, length / 2));
    expect(await playground.relay('before-settling').exited()).toEqual(KILLED);
    expect(await places.waiting()).toHaveLength(length);
    playground.relay();
    await playground.forwarded(places);

    // The two that were killed after they had sent something are the only reason for a second copy.
    expect(await places.arrived()).toHaveLength(length / 2 + length + length);
    expect(sequencesOf(firsts(await places.arrived()))).toEqual(committed);
    expect(new Set((await places.arrived()).map(({ id, sequence }) => `${id} ${sequence}`)).size).toBe(
      length,
    );
  }, 120_000);

  it('a relay that is stopped beyond its lease, and continued: it forwards nothing that another one has', async () => {
    const { playground, places } = await setUp();
    await playground.place(0, 30);
    const stopped = playground.relay('stopped-before-forwarding');
    await until('it has claimed everything and is stopped', () => isStopped(stopped.pid));
    const successor = playground.relay();
    await playground.forwarded(places);
    successor.kill('SIGTERM');
    expect(await successor.exited()).toEqual(DONE);
    const [arrived, committed] = [await places.arrived(), await places.committed()];

    stopped.kill('SIGCONT');
    await stopped.written(/was taken over by another relay/);
    await playground.place(30, 30);
    await playground.forwarded(places);

    expect(sequencesOf(arrived)).toEqual(committed);
    expect(sequencesOf(await places.arrived())).toEqual(await places.committed());
  }, 120_000);
});

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
