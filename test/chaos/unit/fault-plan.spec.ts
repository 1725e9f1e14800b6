import { describe, expect, it } from 'vitest';
import { Poison } from '../app/messages.js';
import { type Fault, isWorkerFault, type PlannedFault } from '../random/fault.js';
import { kindsIn, planFaults, type PlanOptions } from '../random/fault-plan.js';
import { MessageMixture } from '../random/message-mixture.js';
import { SeededRandom } from '../random/seeded-random.js';

const plan = (options: Partial<PlanOptions> = {}) =>
  planFaults({ seed: 7, transport: 'redis', ms: 60_000, workers: 2, leaseMs: 3000, ...options });

const isOf = (worker: number, fault: Fault): boolean => isWorkerFault(fault) && fault.worker === worker;

const armsIn = (faults: readonly PlannedFault[]) =>
  faults.flatMap(({ at, fault }) => (fault.kind === 'arm' ? [{ at, fault }] : []));

const mixture = (seed: number) => {
  let number = 0;
  const messages = new MessageMixture(new SeededRandom(seed), () => String(++number));
  return Array.from({ length: 300 }, () => messages.next());
};

describe('the plan of a randomised run', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan()).toEqual(plan());
    expect(plan({ seed: 8 })).not.toEqual(plan());
  });

  it('has every kind of fault if it is long', () => {
    expect([...kindsIn(plan({ ms: 900_000 }))].toSorted()).toEqual(
      ['arm', 'blackhole', 'cut', 'delay', 'kill', 'pause', 'replace', 'restart', 'truncate'].toSorted(),
    );
  });

  it('kills, hangs, throws and takes its time at every place that a worker of the transport passes', () => {
    const pointsOf = (transport: PlanOptions['transport']) => {
      const failpoints = armsIn(plan({ ms: 3_600_000, transport })).map(({ fault }) => fault.failpoint);
      expect(new Set(failpoints.map(({ action }) => action))).toEqual(
        new Set(['kill', 'hang', 'throw', 'delay']),
      );
      return new Set(failpoints.map(({ at }) => at));
    };
    expect(pointsOf('redis')).toContain('keepalive');
    expect(pointsOf('redis')).not.toContain('after-send');
    expect(pointsOf('amqp')).toContain('after-send');
    expect(pointsOf('amqp')).not.toContain('after-requeue');
  });

  it('kills whoever may hang, after longer than a lease', () => {
    for (const { fault } of armsIn(plan({ ms: 3_600_000 }))) {
      expect(fault.killedAfter !== undefined).toBe(fault.failpoint.action === 'hang');
      expect(fault.killedAfter ?? Number.POSITIVE_INFINITY).toBeGreaterThan(3000);
    }
  });

  it('leaves a worker alone that got a failpoint until it has booted', () => {
    const faults = plan({ ms: 3_600_000 });
    for (const { at, fault } of armsIn(faults)) {
      const next = faults.find((other) => other.at > at && isOf(fault.worker, other.fault));
      expect((next?.at ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(5000);
    }
  });

  it('leaves a place that has no server alone', () => {
    const faults = plan({ transport: 'sqlite', ms: 900_000 });
    expect(faults.filter(({ fault }) => !isWorkerFault(fault))).toEqual([]);
  });

  it('does one thing at a time to the place', () => {
    const places = plan({ ms: 900_000 }).filter(({ fault }) => !isWorkerFault(fault));
    const gaps = places.slice(1).map(({ at }, index) => at - (places[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4000);
  });

  it('speaks of workers that there are, and pauses them for longer than a lease', () => {
    const faults = plan({ ms: 900_000 }).map(({ fault }) => fault);
    const workers = new Set(faults.filter(isWorkerFault).map(({ worker }) => worker));
    expect(workers).toEqual(new Set([1, 2]));
    const pauses = faults.flatMap((fault) => (fault.kind === 'pause' ? [fault.ms] : []));
    expect(Math.min(...pauses)).toBeGreaterThan(3000);
  });
});

describe('the mixture of messages', () => {
  it('is the same for the same seed', () => {
    const kinds = (seed: number) => mixture(seed).map(({ constructor: { name } }) => name);
    expect(kinds(7)).toEqual(kinds(7));
    expect(kinds(8)).not.toEqual(kinds(7));
  });

  it('has messages of every kind, delayed ones, and little poison', () => {
    const messages = mixture(7);
    const kinds = new Set(messages.map(({ constructor: { name } }) => name));
    expect([...kinds].toSorted()).toEqual(['Batched', 'Flaky', 'Keyed', 'Once', 'Plain', 'Poison', 'Slow']);
    expect(messages.some(({ dueAt }) => dueAt > 0)).toBe(true);
    expect(messages.filter((message) => message instanceof Poison).length).toBeLessThan(60);
  });
});
