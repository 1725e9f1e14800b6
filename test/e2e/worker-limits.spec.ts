import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fragile, Hungry, Note } from '../fixtures/e2e-app/messages.js';
import { Playground } from './support/playground.js';

const DONE = { code: 0, signal: null };

describe('a worker process ends by itself', () => {
  let playground: Playground;

  beforeEach(() => {
    playground = new Playground();
  });

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
  });

  it('after as many messages as --limit says, and leaves the others', async () => {
    await playground.dispatch([1, 2, 3, 4, 5].map((number) => new Note(`${number}`)));

    const worker = playground.worker('async', '--limit=3');

    expect(await worker.exited()).toEqual(DONE);
    expect(playground.ledger).toEqual(['handled 1', 'handled 2', 'handled 3']);
    expect(await playground.counts('async')).toMatchObject({ ready: 2, inFlight: 0 });
    expect(worker.stdout).toContain('stops: the limit of 3 message(s) is reached.');
  });

  it('after --time-limit, although it is idle', async () => {
    const worker = await playground.runningWorker('async', '--time-limit=0.3');
    const startedAt = performance.now();

    expect(await worker.exited()).toEqual(DONE);
    expect(performance.now() - startedAt).toBeLessThan(1300);
    expect(worker.stdout).toContain('stops: the time limit of 0.3 s is reached.');
  });

  it('after as many failures as --failure-limit says', async () => {
    await playground.dispatch([new Note('fine'), new Fragile('one'), new Fragile('two'), new Note('later')]);

    const worker = playground.worker('async', '--failure-limit=2');

    expect(await worker.exited()).toEqual(DONE);
    expect(playground.ledger).toEqual(['handled fine', 'tried one', 'tried two']);
  });

  it('when it occupies more than --memory-limit', async () => {
    await playground.dispatch([new Note('fine'), new Hungry(300), new Note('later')]);

    const worker = playground.worker('async', '--memory-limit=300M', '--fetch-size=1');

    expect(await worker.exited()).toEqual(DONE);
    expect(playground.ledger).toEqual(['handled fine', 'handled 300']);
    expect(worker.stdout).toMatch(/stops: the memory limit of 300M is exceeded \(\d+M\)\./);
  });
});
