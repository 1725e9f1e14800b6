import { describe, expect, it } from 'vitest';
import type { WorkerInfo } from '../../../lib/event/worker-info.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { PollRecord } from '../../../lib/worker/poll-record.js';
import { healthOf } from '../../../lib/worker/worker-health.js';
import type { WorkerState } from '../../../lib/worker/worker-state.js';

const INFO: WorkerInfo = {
  id: 'host:1:a',
  transportNames: ['high', 'low'],
  queueNames: [],
  concurrency: 1,
  startedAt: new Date(0),
  stop: () => undefined,
};

function setup(isStopping = false) {
  const clock = new FakeClock(1_000_000);
  const [high, low] = ['high', 'low'].map((name) => new PollRecord(name, clock));
  const blocked = new Map<string, string>();
  const state = (): WorkerState => ({
    info: INFO,
    now: clock.now(),
    isStopping,
    inHand: 0,
    processed: 0,
    failed: 0,
    polls: [high!.state, low!.state],
    blocked,
  });
  return { clock, high: high!, low: low!, blocked, health: () => healthOf(state()) };
}

describe('the health of a worker', () => {
  it('is not good before a transport has answered', () => {
    const { health, high } = setup();
    high.began(0);

    expect(health()).toMatchObject({
      isReady: false,
      reasons: ['No transport has answered yet.'],
      transports: [
        { name: 'high', status: 'not asked yet', pollAge: null },
        { name: 'low', status: 'not asked yet', pollAge: null },
      ],
    });
  });

  it('is good once one has: those after it may have to wait for their turn', async () => {
    const { health, high, clock } = setup();
    high.began(0);
    high.answered();
    await clock.advance(1200);

    expect(health()).toEqual({
      isReady: true,
      reasons: [],
      transports: [
        { name: 'high', status: 'ok', pollAge: 1200 },
        { name: 'low', status: 'not asked yet', pollAge: null },
      ],
    });
  });

  it('stays good however long its hands are full, since it asks for nothing then', async () => {
    const { health, high, clock } = setup();
    high.began(0);
    high.answered();
    await clock.advance(3_600_000);

    expect(health()).toMatchObject({ isReady: true, transports: [{ status: 'ok', pollAge: 3_600_000 }, {}] });
  });

  it('stays good while a poll waits as long as it may, and 10 s more, and no longer', async () => {
    const { health, high, clock } = setup();
    high.began(0);
    high.answered();
    high.began(5000);
    await clock.advance(15_000);
    expect(health().isReady).toBe(true);

    await clock.advance(1);

    expect(health()).toMatchObject({
      isReady: false,
      reasons: ['Transport "high" has not answered for 10 s.'],
      transports: [{ name: 'high', status: 'silent', pollAge: 15_001 }, {}],
    });
  });

  it('tells since when a transport refuses, and why, until it answers', async () => {
    const { health, high, low, clock } = setup();
    high.began(0);
    high.answered();
    low.began(0);
    low.failed(new Error('it is gone'));
    await clock.advance(8000);
    low.began(0);
    low.failed(new Error('it is still gone'));
    await clock.advance(4000);
    low.began(0);

    expect(health()).toMatchObject({
      isReady: false,
      reasons: ['Transport "low" has not been readable for 12 s. it is still gone.'],
      transports: [{ status: 'ok' }, { status: 'failing', pollAge: null }],
    });

    low.answered();
    expect(health()).toMatchObject({ isReady: true, transports: [{}, { status: 'ok', pollAge: 0 }] });
  });

  it('is not good while a transport takes no messages', () => {
    const { health, high, blocked } = setup();
    high.began(0);
    high.answered();
    blocked.set('high', 'low on memory');

    expect(health()).toMatchObject({
      isReady: false,
      reasons: ['Transport "high" takes no messages: low on memory.'],
      transports: [{ status: 'blocked' }, {}],
    });
  });

  it('is not good once the worker stops', () => {
    const { health, high } = setup(true);
    high.began(0);
    high.answered();

    expect(health()).toMatchObject({ isReady: false, reasons: ['The worker stops, or has stopped.'] });
  });
});
