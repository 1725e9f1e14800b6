import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gated, Note } from '../fixtures/e2e-app/messages.js';
import { Playground } from './support/playground.js';

describe('a worker process', () => {
  let playground: Playground;

  beforeEach(() => {
    playground = new Playground();
  });

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
  });

  it('handles what another process dispatches', async () => {
    const worker = await playground.runningWorker('async');

    await playground.dispatch([new Note('a'), new Note('b')]);

    await playground.recorded('handled b');
    expect(playground.ledger).toEqual(['handled a', 'handled b']);
    worker.kill('SIGTERM');
    expect(await worker.exited()).toEqual({ code: 0, signal: null });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)(
    'ends with 0 within a second of %s when it is idle',
    async (signal) => {
      const worker = await playground.runningWorker('async');

      const toldAt = performance.now();
      worker.kill(signal);

      expect(await worker.exited()).toEqual({ code: 0, signal: null });
      expect(performance.now() - toldAt).toBeLessThan(1000);
      expect(worker.stdout).toContain(`stops: signal ${signal}.`);
    },
  );

  it('finishes what runs when it is told to stop, and gives back what it has not started', async () => {
    await playground.dispatch([
      new Gated('first'),
      ...Array.from({ length: 20 }, (_, i) => new Note(`${i}`)),
    ]);
    const worker = await playground.runningWorker('async', '--fetch-size=10');
    await playground.recorded('started first');

    worker.kill('SIGTERM');
    await worker.written(/stops: signal SIGTERM/);
    playground.turnOn('gate');

    expect(await worker.exited()).toEqual({ code: 0, signal: null });
    expect(playground.ledger).toEqual(['started first', 'handled first']);
    expect(await playground.counts('async')).toMatchObject({ ready: 20, inFlight: 0 });
  });

  it('ends at once with the second signal, and the message is not lost', async () => {
    await playground.dispatch([new Gated('unfinished')]);
    const worker = await playground.runningWorker('async');
    await playground.recorded('started unfinished');

    worker.kill('SIGTERM');
    await worker.written(/stops: signal SIGTERM/);
    worker.kill('SIGTERM');

    expect(await worker.exited()).toEqual({ code: 143, signal: null });
    expect(await playground.counts('async')).toMatchObject({ ready: 0, inFlight: 1 });
  });

  it('leaves a handler behind that outlasts the grace period', async () => {
    await playground.dispatch([new Gated('endless')]);
    const worker = await playground.runningWorker('async', '--grace=0.1');
    await playground.recorded('started endless');

    worker.kill('SIGTERM');

    expect(await worker.exited()).toEqual({ code: 0, signal: null });
    expect(worker.stderr).toMatch(/1 message\(s\) are left unfinished after 100 ms/);
  });
});
