import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RollEntry, WorkerRoll } from '../../../lib/transport/capabilities.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { awaitDeparture } from '../../../lib/worker/departure.js';
import { type Attendance, type PresentWorker, WorkerRolls } from '../../../lib/worker/worker-rolls.js';
import { RollCall } from '../../../lib/worker/roll-call.js';
import type { WorkerState } from '../../../lib/worker/worker-state.js';
import { deferred, RecordingLogger } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

/** A roll in memory, which may be out of reach. */
class FakeRoll implements WorkerRoll {
  readonly calls: string[] = [];
  readonly kept = new Map<string, string>();
  isBroken = false;
  entering: Promise<void> = Promise.resolve();

  constructor(readonly place = 'here') {}

  async enter(id: string, details: string): Promise<void> {
    this.calls.push(`enter ${id}`);
    await this.entering;
    this.#assertWorks();
    this.kept.set(id, details);
  }

  async leave(id: string): Promise<void> {
    this.calls.push(`leave ${id}`);
    this.#assertWorks();
    this.kept.delete(id);
  }

  async entries(): Promise<readonly RollEntry[]> {
    this.#assertWorks();
    return Array.from(this.kept, ([id, details]) => ({ id, details, age: 7 }));
  }

  #assertWorks(): void {
    if (this.isBroken) {
      throw new Error('out of reach');
    }
  }
}

const STATE: WorkerState = {
  info: {
    id: 'h:1:a',
    transportNames: ['async'],
    queueNames: [],
    concurrency: 2,
    startedAt: new Date(1000),
    stop: () => undefined,
  },
  now: 5000,
  isStopping: false,
  inHand: 1,
  processed: 3,
  failed: 1,
  polls: [
    { transportName: 'async', answeredAt: 4000, failingSince: undefined, error: undefined, dueAt: undefined },
  ],
  blocked: new Map(),
};

const DESCRIPTION = {
  id: 'h:1:a',
  host: 'h',
  pid: 1,
  transports: ['async'],
  queues: [],
  concurrency: 2,
  startedAt: 1000,
  saidAt: 5000,
  memory: 42,
  inHand: 1,
  processed: 3,
  failed: 1,
  polledAt: { async: 4000 },
  isStopping: false,
  reasons: [],
};

function setup(...rolls: readonly FakeRoll[]) {
  const logger = new RecordingLogger();
  const process = { host: 'h', pid: 1, memory: () => 42 };
  return { logger, call: new RollCall({ rolls, process, logger }) };
}

/** Everything that can be settled without time going by is. */
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('a worker on its rolls', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('enters itself at once, after a second, then every 15 s, and leaves in the end', async () => {
    const roll = new FakeRoll();
    const { call } = setup(roll);
    call.start(() => STATE);
    const entered = (): number => roll.calls.filter((text) => text === 'enter h:1:a').length;
    await vi.advanceTimersByTimeAsync(1000);
    expect(entered()).toBe(2);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(entered()).toBe(4);
    expect(JSON.parse(roll.kept.get('h:1:a') ?? '')).toEqual(DESCRIPTION);

    await call.stop();
    await vi.advanceTimersByTimeAsync(31_000);

    expect(roll.calls.at(-1)).toBe('leave h:1:a');
    expect(roll.kept.size).toBe(0);
  });

  it('leaves only after an entry that is under way, which would bring it back', async () => {
    const roll = new FakeRoll();
    const gate = deferred();
    roll.entering = gate.promise;
    const { call } = setup(roll);
    call.start(() => STATE);
    const stopped = call.stop();
    await settled();
    expect(roll.calls).toEqual(['enter h:1:a']);

    gate.resolve();
    await stopped;

    expect(roll.calls).toEqual(['enter h:1:a', 'leave h:1:a']);
  });

  it('waits no longer than 2 s for a store that does not answer', async () => {
    const roll = new FakeRoll();
    roll.entering = new Promise(() => undefined);
    const { call } = setup(roll);
    call.start(() => STATE);
    const stopped = vi.fn();
    void call.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(1999);
    expect(stopped).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(stopped).toHaveBeenCalled();
  });

  it('asks a slow store one thing at a time', async () => {
    const roll = new FakeRoll();
    roll.entering = new Promise(() => undefined);
    const { call } = setup(roll);
    call.start(() => STATE);
    await vi.advanceTimersByTimeAsync(60_000);

    expect(roll.calls).toEqual(['enter h:1:a']);
  });

  it('is told of once, when it is off the list, and goes on trying', async () => {
    const [broken, other] = [new FakeRoll('there'), new FakeRoll('here')];
    broken.isBroken = true;
    const { call, logger } = setup(broken, other);
    call.start(() => STATE);
    await vi.advanceTimersByTimeAsync(15_500);
    expect(logger.texts('warn')).toEqual([]);

    await vi.advanceTimersByTimeAsync(60_000);

    expect(logger.texts('warn')).toEqual(['The worker could not enter itself in the list of workers.']);
    expect(other.kept.size).toBe(1);
    broken.isBroken = false;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(broken.kept.size).toBe(1);
    await call.stop();
  });
});

/** A transport with a roll. */
function keeper(roll: FakeRoll) {
  return Object.assign(new RecordingTransport(), { roll });
}

describe('the rolls of an application', () => {
  it('are one for each place; a worker uses those of its transports, or else all', () => {
    const [first, same, second] = [new FakeRoll('a'), new FakeRoll('a'), new FakeRoll('b')];
    const transports = new TransportRegistry(
      new Map(
        Object.entries({
          one: keeper(first),
          two: keeper(same),
          three: keeper(second),
          plain: new RecordingTransport(),
        }),
      ),
    );
    const placesFor = (...consumed: string[]) =>
      new WorkerRolls(transports, consumed).near.map((roll) => roll.place);

    expect(placesFor('one', 'two')).toEqual(['a']);
    expect(placesFor('three', 'plain')).toEqual(['b']);
    expect(placesFor('plain')).toEqual(['a', 'b']);
    expect(new WorkerRolls(transports).isAvailable).toBe(true);
    expect(new WorkerRolls(new TransportRegistry(new Map())).isAvailable).toBe(false);
  });

  it('tell of each worker what it said last, wherever, and what could not be read', async () => {
    const [first, second, broken] = [new FakeRoll('a'), new FakeRoll('b'), new FakeRoll('c')];
    const transports = new TransportRegistry(
      new Map(Object.entries({ one: keeper(first), two: keeper(second), three: keeper(broken) })),
    );
    const enter = (roll: FakeRoll, more: object): unknown => {
      const description = { ...DESCRIPTION, ...more };
      return roll.kept.set(description.id, JSON.stringify(description));
    };
    enter(first, { saidAt: 6000, inHand: 2 });
    enter(second, { saidAt: 5000, inHand: 1 });
    enter(second, { id: 'g:2:b', host: 'g', pid: 2 });
    first.kept.set('x', 'written by a version that nobody knows');
    second.kept.set('y', '{"id":"y"}');
    broken.isBroken = true;

    const { workers, errors } = await new WorkerRolls(transports).attendance();

    expect(workers).toMatchObject([
      { id: 'g:2:b', age: 7 },
      { id: 'h:1:a', inHand: 2, age: 7 },
    ]);
    expect(errors).toMatchObject([{ message: 'out of reach' }]);
  });
});

describe('waiting for workers to go', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const worker = (id: string, startedAt: number): PresentWorker => ({
    ...DESCRIPTION,
    id,
    startedAt,
    age: 0,
  });

  /** Answers in turn; the last answer again and again. */
  function answering(...answers: ReadonlyArray<Partial<Attendance>>) {
    let asked = 0;
    return {
      attendance: async (): Promise<Attendance> => {
        const answer = answers[Math.min(asked++, answers.length - 1)];
        return { workers: [], errors: [], ...answer };
      },
      asked: () => asked,
    };
  }

  it('ends when those are gone that were started before, whoever else is there', async () => {
    const [old, young] = [worker('old', 900), worker('young', 1001)];
    const rolls = answering({ workers: [old, young] }, { workers: [old] }, { workers: [young] });
    const departure = awaitDeparture(rolls, { requestedAt: 1000, limit: 60_000, before: [] });
    await vi.advanceTimersByTimeAsync(5000);

    expect(await departure).toEqual({ gone: ['old'], remaining: [], errors: [] });
    expect(rolls.asked()).toBe(4);
  });

  it('knows of those that were there before, and were gone when it looked', async () => {
    const before = [worker('idle', 900), worker('started later, by another clock', 2000)];
    const departure = awaitDeparture(answering({}), { requestedAt: 1000, limit: 60_000, before });
    await vi.advanceTimersByTimeAsync(5000);

    expect(await departure).toEqual({ gone: ['idle'], remaining: [], errors: [] });
  });

  it('looks twice, for a worker that has just been started and is not on the list yet', async () => {
    const rolls = answering({}, { workers: [worker('late', 1000)] }, {});
    const departure = awaitDeparture(rolls, { requestedAt: 1000, limit: 60_000, before: [] });
    await vi.advanceTimersByTimeAsync(5000);

    expect(await departure).toMatchObject({ gone: ['late'], remaining: [] });
  });

  it('ends after its time, and tells who is still there', async () => {
    const [gone, stuck] = [worker('gone', 1), worker('stuck', 2)];
    const rolls = answering({ workers: [gone, stuck] }, { workers: [stuck] });
    const departure = awaitDeparture(rolls, { requestedAt: 1000, limit: 3000, before: [] });
    await vi.advanceTimersByTimeAsync(3000);

    expect(await departure).toMatchObject({ gone: ['gone'], remaining: [{ id: 'stuck' }] });
  });

  it('does not take a list that cannot be read for an empty one', async () => {
    const rolls = answering({ errors: [new Error('out of reach')] });
    const departure = awaitDeparture(rolls, { requestedAt: 1000, limit: 2000, before: [] });
    await vi.advanceTimersByTimeAsync(2000);

    expect(await departure).toMatchObject({ gone: [], errors: [{ message: 'out of reach' }] });
  });
});
