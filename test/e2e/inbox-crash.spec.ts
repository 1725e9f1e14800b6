import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deposit, type Halt } from './support/inbox-app/messages.js';
import { INBOX_DEADLINE_MS, InboxPlayground } from './support/inbox-playground.js';
import type { Spawned } from './support/spawned.js';
import { until } from './support/until.js';

const DEPOSITS = 150;
const KILLS = 4;

describe.each([
  ['SQLite', 'inbox'],
  ['SQLite', 'application'],
  ['PostgreSQL', 'inbox'],
  ['PostgreSQL', 'application'],
] as const)('on %s, with transactions of the %s, a worker', (database, transactions) => {
  let playground: InboxPlayground;

  beforeEach(async () => {
    playground = await InboxPlayground.create(database, transactions);
  });

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
  });

  const recorded = (event: string): number =>
    playground.ledger.filter((line) => line.startsWith(`${event} `)).length;
  const emptied = (): Promise<void> =>
    until('the transports are empty', async () => (await playground.left()) === 0, INBOX_DEADLINE_MS);

  /** Kills a worker where the message tells it to stand still, and lets another one go on. */
  async function killedAt(halt: Halt): Promise<void> {
    await playground.dispatch([new Deposit(1, 100, halt)]);
    const victim = await playground.runningWorker('async');
    await playground.recorded(`halted ${halt}`);
    victim.kill('SIGKILL');
    await victim.exited();
    await playground.runningWorker('async');
    await emptied();
  }

  it('that is killed after the commit and before it acknowledges has done its work once', async () => {
    await killedAt('after the commit');

    expect(await playground.deposits()).toEqual([1]);
    expect([recorded('deposits'), recorded('skipped')]).toEqual([1, 1]);
  }, 120_000);

  it('that is killed before the commit has done nothing, and the next one does it', async () => {
    await killedAt('before the commit');

    expect(await playground.deposits()).toEqual([1]);
    expect([recorded('deposits'), recorded('skipped')]).toEqual([2, 0]);
  }, 120_000);

  it('may be killed anywhere: every deposit is made once', async () => {
    const numbers = Array.from({ length: DEPOSITS }, (_, index) => index);
    await playground.dispatch(numbers.map((number) => new Deposit(number, 1)));
    let worker: Spawned | undefined;
    for (let kill = 1; kill <= KILLS; kill++) {
      worker = await playground.runningWorker('async', '--concurrency=5');
      const enough = (DEPOSITS * kill) / (KILLS + 2);
      await until(`${enough} deposits`, () => recorded('deposits') >= enough, INBOX_DEADLINE_MS);
      worker.kill('SIGKILL');
      await worker.exited();
    }
    await playground.runningWorker('async', '--concurrency=5');
    await emptied();

    expect(await playground.deposits()).toEqual(numbers);
  }, 240_000);
});
