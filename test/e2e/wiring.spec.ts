import { afterEach, describe, expect, it } from 'vitest';
import { Note } from '../fixtures/e2e-app/messages.js';
import { Playground } from './support/playground.js';

describe('a process of the application', () => {
  let playground: Playground;

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
  });

  it('ends with 2 when a receiver does not exist, and names those that do', async () => {
    playground = new Playground();

    const worker = playground.worker('asnyc');

    expect(await worker.exited()).toEqual({ code: 2, signal: null });
    expect(worker.stderr).toBe(
      'The receiver "asnyc" does not exist. Did you mean "async"? Known receivers: "async", "urgent", "failed".\n',
    );
  });

  it('ends with 1 when the wiring is wrong, with one line and no stack', async () => {
    playground = new Playground({ isMiswired: true });

    const worker = playground.worker('async');

    expect(await worker.exited()).toEqual({ code: 1, signal: null });
    expect(worker.stderr).toMatch(/^.*unknown transport "faield".*\(MESSENGER_UNKNOWN_TRANSPORT\)\n$/);
    expect(worker.stdout).toBe('');
  });

  it('does not run the workers of the application when it is there for something else', async () => {
    playground = new Playground({ hasOwnWorker: true });
    await playground.dispatch([new Note('not for this process')]);

    const worker = playground.worker('urgent', '--time-limit=0.5');

    expect(await worker.exited()).toEqual({ code: 0, signal: null });
    expect(playground.ledger).toEqual([]);
    expect(await playground.counts('async')).toMatchObject({ ready: 1 });
  });

  it('counts messages in JSON', async () => {
    playground = new Playground();
    await playground.dispatch([new Note('a'), new Note('b')]);

    const stats = playground.messenger('stats', '--format=json');

    expect(await stats.exited()).toEqual({ code: 0, signal: null });
    expect(JSON.parse(stats.stdout)).toEqual({
      transports: {
        async: { ready: 2, inFlight: 0, delayed: 0, oldestAge: expect.any(Number) as number },
        urgent: { ready: 0, inFlight: 0, delayed: 0, oldestAge: 0 },
        failed: { ready: 0, inFlight: 0, delayed: 0, oldestAge: 0 },
      },
      uncountable_transports: ['sync'],
    });
  });

  it('writes nothing but the result to standard output, without an escape sequence', async () => {
    playground = new Playground();
    await playground.dispatch([new Note('a')]);

    const show = playground.messenger('show', 'async');

    await show.exited();
    expect(show.stdout).toMatch(
      /^Id +Message +Bus +Retries\n1 +Note +default +0\n1 message\(s\) in "async"\.\n$/,
    );
    expect(show.stderr).toBe('');
  });
});
