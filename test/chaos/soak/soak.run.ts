import { describe, expect, it } from 'vitest';
import { CHAOS_DEADLINE_MS } from '../chaos-run.js';
import { rigs } from '../rigs/rigs.js';
import { soakRun } from './soak-run.js';

const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 1);

/**
 * By how much a measure may grow between the end of the first third of the run and its end, however long that is. Memory in megabytes:
 * room for the noise of a heap, and of an allocator that keeps what it was given. A leak of 100 bytes for each message is 18 MB in half an hour
 * at 100 messages a second.
 */
const ROOM: Readonly<Record<string, number>> = {
  heap: 5,
  resident: 40,
  handles: 3,
  sockets: 3,
  connections: 3,
};

describe('a soak', () => {
  for (const rig of rigs()) {
    it(
      `on ${rig.transport} stays flat, and leaves nothing`,
      async ({ onTestFinished }) => {
        const outcome = await soakRun(rig, MINUTES * 60_000, onTestFinished);
        console.info(`${rig.transport}: ${JSON.stringify(outcome)}`);

        const grown = Object.entries(outcome.growth).filter(
          ([name, growth]) => !(growth <= (ROOM[name.split(' ').at(-1) ?? ''] ?? 0)),
        );
        expect(grown).toEqual([]);
        expect(outcome.waiting).toEqual([]);
        expect(outcome.failed).toBe(outcome.poison);
        expect(outcome.handled).toBe(outcome.accepted - outcome.poison);
        expect(outcome.accepted).toBeGreaterThan(outcome.fullSpeed * 0.3 * MINUTES * 60);
      },
      MINUTES * 60_000 + 6 * CHAOS_DEADLINE_MS,
    );
  }
});
