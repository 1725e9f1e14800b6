import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gated, Note } from '../fixtures/e2e-app/messages.js';
import { Playground } from './support/playground.js';

const DONE = { code: 0, signal: null };

describe('stop-workers', () => {
  let playground: Playground;

  beforeEach(() => {
    playground = new Playground();
  });

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
  });

  it('stops every worker that runs, in whatever process, and none that is started later', async () => {
    await playground.dispatch([new Gated('long')]);
    const busy = await playground.runningWorker('async');
    const idle = await playground.runningWorker('urgent');
    await playground.recorded('started long');

    const command = playground.messenger('stop-workers');
    expect(await command.exited()).toEqual(DONE);
    await busy.written(/stops: stop-workers was called/);
    expect(await idle.exited()).toEqual(DONE);
    expect(busy.hasExited).toBe(false);

    const later = await playground.runningWorker('async', '--time-limit=0.6');
    playground.turnOn('gate');
    expect(await busy.exited()).toEqual(DONE);
    await playground.dispatch([new Note('for the new one')]);
    await later.exited();
    expect(later.stdout).toContain('stops: the time limit of 0.6 s is reached.');
    expect(playground.ledger).toEqual(
      expect.arrayContaining(['started long', 'handled long', 'handled for the new one']),
    );
  });

  it('reaches an idle worker within a second', async () => {
    const worker = await playground.runningWorker('async');

    const command = playground.messenger('stop-workers');
    await command.written(/were asked to stop/);
    const askedAt = performance.now();

    expect(await worker.exited()).toEqual(DONE);
    expect(performance.now() - askedAt).toBeLessThan(1000);
  });
});
