import { describe, expect, it } from 'vitest';
import { type Evidence, judge } from '../ledger/checker.js';
import { faultsIn, NO_FAULT, type Verdicts } from '../ledger/verdicts.js';
import { A, B, HistoryBuilder } from './history.builder.js';

type Case = Omit<Evidence, 'history'> & { readonly history: HistoryBuilder };

function faults({ history, ...evidence }: Case): Readonly<Record<keyof Verdicts, number>> {
  return faultsIn(judge({ ...evidence, history: history.build() }));
}

const history = (): HistoryBuilder => new HistoryBuilder();
const one = (name: keyof Verdicts): Readonly<Record<keyof Verdicts, number>> => ({ ...NO_FAULT, [name]: 1 });

describe('a second effect', () => {
  it('is none of a handler that threw after its effect, and one if that was another message, or another time', () => {
    const thrown = (ids: readonly string[], point: string): HistoryBuilder =>
      history()
        .accepted('m')
        .started('m')
        .effect('m')
        .fired('throw', A, { point, ids })
        .settling('m', A, { how: 'requeue' })
        .settled('m', A, { how: 'requeue' })
        .handled('m', B);
    expect(faults({ history: thrown(['m'], 'after-handle') })).toEqual(NO_FAULT);
    expect(faults({ history: thrown(['other'], 'after-handle') })).toEqual(one('duplicated'));
    expect(faults({ history: thrown(['m'], 'before-ack') })).toEqual(one('duplicated'));
    expect(faults({ history: thrown(['m'], 'after-handle').handled('m', 3) })).toEqual(one('duplicated'));
  });

  it('is none of a message whose copy was stored although that threw, so that the original was kept', () => {
    const kept = (action: string): HistoryBuilder =>
      history()
        .accepted('m')
        .started('m')
        .fired(action, A, { point: 'after-send', ids: ['m'] })
        .settling('m', A, { how: 'release' })
        .settled('m', A, { how: 'release' })
        .handled('m', B)
        .handled('m', B);
    expect(faults({ history: kept('throw') })).toEqual(NO_FAULT);
    expect(faults({ history: kept('delay') })).toEqual(one('duplicated'));
  });

  it('is one of a message that was in other hands while its worker hung, threw, or took its time', () => {
    const lost = (action: string): HistoryBuilder =>
      history()
        .accepted('m')
        .started('m')
        .fired(action, A, { ids: ['m'] })
        .handled('m', B)
        .effect('m')
        .settling('m')
        .settled('m', A, { lost: true });
    for (const action of ['hang', 'throw', 'delay']) {
      expect(faults({ history: lost(action) })).toEqual(one('duplicated'));
    }
  });

  it('is none of a worker that hung where it prolongs its leases, and lost the message', () => {
    const lost = (action: string): HistoryBuilder =>
      history()
        .accepted('m')
        .fired(action, A, { point: 'keepalive', ids: ['other'] })
        .started('m')
        .handled('m', B)
        .effect('m')
        .settling('m')
        .settled('m', A, { lost: true });
    expect(faults({ history: lost('hang') })).toEqual(NO_FAULT);
    expect(faults({ history: lost('throw') })).toEqual(one('duplicated'));
  });

  it('is none of an idempotent handler that could not commit after its effect, since the store was away', () => {
    const worked = history().accepted('m').started('m').effect('m');
    const outages = [{ from: worked.now, to: worked.now }];
    const failed = worked
      .settling('m', A, { how: 'requeue' })
      .settled('m', A, { how: 'requeue' })
      .handled('m', B);
    expect(faults({ history: failed, interruptions: { outages } })).toEqual(NO_FAULT);
    expect(faults({ history: failed })).toEqual(one('duplicated'));
  });

  it('is none of a process that was stopped before it began, if its broker does not answer and another has it by then', () => {
    const begun = (deliveries: number): Case => {
      const other = history().accepted('m').started('m', B, { deliveries }).effect('m', B);
      const late = other.settling('m', B).settled('m', B);
      const pauses = [{ pid: A, from: 0, to: late.now }];
      const again = late.attempted('other').started('m').effect('m').settling('m').settled('m');
      return { history: again, interruptions: { pauses, settlingMs: 10 } };
    };
    expect(faults(begun(2))).toEqual(NO_FAULT);
    // The broker has delivered it once more, after it was settled.
    expect(faults(begun(1))).toEqual(one('duplicated'));
    expect(faults({ ...begun(2), interruptions: {} })).toEqual(one('duplicated'));
  });

  it('is none of a message whose acknowledgement was lost on its way and told again, after another had it', () => {
    const rows = history().accepted('m').started('m').effect('m').settling('m');
    const from = rows.now;
    rows.attempted('other');
    const outages = [{ from, to: rows.now }];
    rows.attempted('another').settled('m').handled('m', B);
    expect(faults({ history: rows, interruptions: { outages } })).toEqual(NO_FAULT);
    const before = [{ from: from - 3, to: from - 2 }];
    expect(faults({ history: rows, interruptions: { outages: before } })).toEqual(one('duplicated'));
    expect(faults({ history: rows })).toEqual(one('duplicated'));
  });

  it('is none of a process that stood still by itself, and lost the message', () => {
    const lost = (pid: number): HistoryBuilder =>
      history().accepted('m').started('m').handled('m', B).stoodStill(pid).effect('m').settling('m');
    const settled = (pid: number): HistoryBuilder => lost(pid).settled('m', A, { lost: true });
    expect(faults({ history: settled(A) })).toEqual(NO_FAULT);
    expect(faults({ history: settled(3) })).toEqual(one('duplicated'));
  });
});
