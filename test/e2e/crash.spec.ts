import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Counted } from '../fixtures/e2e-app/messages.js';
import { Playground, until } from './support/playground.js';
import type { Spawned } from './support/spawned.js';

const ROUNDS = 10;
const MESSAGES_PER_ROUND = 200;
const WORKERS = 3;
const CONCURRENCY = 5;
const FETCH_SIZE = 10;
/** The most messages that one worker has taken and not settled. */
const IN_HAND = CONCURRENCY + FETCH_SIZE;

/** Numbers from 0 to 1, the same in each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('workers that are killed while they work', () => {
  const random = createRandom(7);
  let playground: Playground;

  beforeEach(() => {
    playground = new Playground({ lease: 1 });
  });

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
  });

  const start = (): Promise<Spawned> =>
    playground.runningWorker('async', `--concurrency=${CONCURRENCY}`, `--fetch-size=${FETCH_SIZE}`);
  const recorded = (event: string): readonly string[] =>
    playground.ledger.filter((line) => line.startsWith(`${event} `));

  /** Dispatches messages, and kills a worker when some of them are handled and it has more of them in hand. */
  async function playRound(round: number, workers: Promise<Spawned>[]): Promise<Spawned> {
    const numbers = Array.from({ length: MESSAGES_PER_ROUND }, (_, i) => round * MESSAGES_PER_ROUND + i);
    const handledBefore = recorded('counted').length;
    await playground.dispatch(numbers.map((number) => new Counted(number)));
    const enough = handledBefore + MESSAGES_PER_ROUND * (0.1 + 0.4 * random());
    await until(`round ${round} is under way`, () => recorded('counted').length >= enough);
    const victim = await (workers.splice(Math.floor(random() * workers.length), 1) as [Promise<Spawned>])[0];
    victim.kill('SIGKILL');
    await victim.exited();
    return victim;
  }

  it('lose no message, and double only such as were in hand', async () => {
    const workers = Array.from({ length: WORKERS }, start);
    const killed: Spawned[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      killed.push(await playRound(round, workers));
      workers.push(start());
    }
    await until('the queue is empty', async () => {
      const { ready, inFlight = 0, delayed = 0 } = await playground.counts('async');
      return ready + inFlight + delayed === 0;
    });
    const alive = await Promise.all(workers);
    alive.forEach((worker) => worker.kill('SIGTERM'));
    const exits = await Promise.all(alive.map((worker) => worker.exited()));

    const handled = recorded('counted');
    expect(new Set(handled).size).toBe(ROUNDS * MESSAGES_PER_ROUND);
    expect(await playground.counts('failed')).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    expect(exits).toEqual(alive.map(() => ({ code: 0, signal: null })));
    // The kills did interrupt something, and what they interrupted is all that was delivered again.
    const redelivered = recorded('redelivered').length;
    expect(redelivered).toBeGreaterThanOrEqual(ROUNDS);
    expect(redelivered).toBeLessThanOrEqual(ROUNDS * IN_HAND);
    // What was handled twice was among the last things its first worker did before it was killed.
    const unsettled = killed.flatMap(({ pid }) => playground.ledgers.get(pid)?.slice(-IN_HAND) ?? []);
    expect(doubled(handled).filter((line) => !unsettled.includes(line))).toEqual([]);
  }, 60_000);
});

function doubled(lines: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return lines.filter((line) => seen.size === seen.add(line).size);
}
