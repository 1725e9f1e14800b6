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

describe('the checker of a ledger', () => {
  it('finds no fault in a message that was accepted, handled and acknowledged', () => {
    expect(faults({ history: history().attempted('m').accepted('m').handled('m') })).toEqual(NO_FAULT);
  });

  describe('lost', () => {
    it('is an accepted message without an effect that is nowhere', () => {
      expect(faults({ history: history().accepted('m').started('m') })).toEqual(one('lost'));
    });

    it('is none that is in the failure transport', () => {
      const leftovers = { failed: ['m'], waiting: [] };
      expect(faults({ history: history().accepted('m').started('m'), leftovers })).toEqual(NO_FAULT);
    });

    it('is none that was refused, or whose producer was killed before it was told', () => {
      expect(faults({ history: history().attempted('m').refused('m').attempted('k') })).toEqual(NO_FAULT);
    });
  });

  describe('stuck', () => {
    const leftovers = { failed: [], waiting: ['m'] };

    it('is an accepted message that was due and is still in a queue', () => {
      const promises = { endedAt: 1000 };
      expect(faults({ history: history().accepted('m', { dueAt: 999 }), leftovers, promises })).toEqual(
        one('stuck'),
      );
    });

    it('is none that is not due yet', () => {
      const promises = { endedAt: 1000 };
      expect(faults({ history: history().accepted('m', { dueAt: 1001 }), leftovers, promises })).toEqual(
        NO_FAULT,
      );
    });
  });

  describe('duplicated', () => {
    it('is a second effect that nothing explains', () => {
      expect(faults({ history: history().accepted('m').handled('m').handled('m', B) })).toEqual(
        one('duplicated'),
      );
    });

    it('is none after a worker was killed before it had settled the message', () => {
      const killed = history().accepted('m').started('m').effect('m').settling('m');
      const killedAt = new Map([[A, killed.now]]);
      expect(faults({ history: killed.handled('m', B), interruptions: { killedAt } })).toEqual(NO_FAULT);
    });

    it('is none after a failpoint killed its worker, and one if it killed another', () => {
      const killed = (pid: number): HistoryBuilder =>
        history().accepted('m').started('m').effect('m').fired('kill', pid).handled('m', B);
      expect(faults({ history: killed(A) })).toEqual(NO_FAULT);
      expect(faults({ history: killed(3) })).toEqual(one('duplicated'));
    });

    it('is an effect after a settlement, though its worker was killed later', () => {
      const settled = history().accepted('m').handled('m').fired('kill').handled('m', B);
      expect(faults({ history: settled })).toEqual(one('duplicated'));
    });

    it('is none after a settlement that may still have been on its way to a broker that does not answer it', () => {
      const settled = history().accepted('m').handled('m').fired('kill').handled('m', B);
      expect(faults({ history: settled, interruptions: { settlingMs: 10 } })).toEqual(NO_FAULT);
    });

    it('is none if the broker was away before the settlement', () => {
      const cut = history().accepted('m').started('m').effect('m');
      const outages = [{ from: cut.now, to: cut.now + 1 }];
      expect(faults({ history: cut.handled('m', B), interruptions: { outages } })).toEqual(NO_FAULT);
    });

    it('is none of a failed run whose copy may be stored, beside its original, since the broker went away', () => {
      const failed = history().accepted('m').started('m').settling('m', A, { how: 'release' });
      const outages = [{ from: failed.now, to: failed.now }];
      const twice = failed.settled('m', A, { how: 'release' }).handled('m', B).handled('m', B);
      const copiesFirst = true;
      expect(faults({ history: twice, interruptions: { outages, copiesFirst } })).toEqual(NO_FAULT);
      expect(faults({ history: twice, interruptions: { outages } })).toEqual(one('duplicated'));
      expect(faults({ history: twice, interruptions: { copiesFirst } })).toEqual(one('duplicated'));
    });

    it('is one if the broker was away before the run began', () => {
      const outages = [{ from: 0, to: 1 }];
      const later = history().attempted('m').accepted('m').started('m').effect('m').handled('m', B);
      expect(faults({ history: later, interruptions: { outages } })).toEqual(one('duplicated'));
    });

    it('is none of a worker that was stopped, lost the message, and went on', () => {
      const stopped = history()
        .accepted('m')
        .started('m')
        .fired('pause')
        .handled('m', B)
        .effect('m')
        .settling('m');
      expect(faults({ history: stopped.settled('m', A, { lost: true }) })).toEqual(NO_FAULT);
    });

    it('is one of a worker that was stopped, and whose transport took its settlement although another had the message', () => {
      const stopped = history()
        .accepted('m')
        .started('m')
        .fired('pause')
        .handled('m', B)
        .effect('m')
        .settling('m');
      expect(faults({ history: stopped.settled('m', A) })).toEqual(one('duplicated'));
    });

    it('is one more effect than there were interruptions', () => {
      const killed = history()
        .accepted('m')
        .started('m')
        .effect('m')
        .fired('kill')
        .handled('m', B)
        .handled('m', 3);
      expect(faults({ history: killed })).toEqual(one('duplicated'));
    });

    it('is any second effect where a handler promises to have it once', () => {
      const killed = history().accepted('m').started('m').effect('m').fired('kill').handled('m', B);
      expect(faults({ history: killed, promises: { exactlyOnce: ['plain'] } })).toEqual(one('duplicated'));
      expect(faults({ history: killed, promises: { exactlyOnce: ['other'] } })).toEqual(NO_FAULT);
    });

    it('is none of a message whose relay failed after the target had it, and one of any other', () => {
      const forwarded = (id: string): HistoryBuilder =>
        history()
          .accepted('m')
          .fired('kill', 3, { point: 'relay-before-settle', ids: [id] })
          .handled('m')
          .handled('m', B);
      expect(faults({ history: forwarded('m') })).toEqual(NO_FAULT);
      expect(faults({ history: forwarded('other') })).toEqual(one('duplicated'));
      expect(faults({ history: forwarded('other'), promises: { relayKills: 1 } })).toEqual(NO_FAULT);
    });

    it('is none of another handler', () => {
      const both = history().accepted('m').handled('m').effect('m', A, { handler: 'other' });
      expect(faults({ history: both })).toEqual(NO_FAULT);
    });
  });

  describe('reordered', () => {
    const dispatched = (): HistoryBuilder =>
      history()
        .accepted('a1', { key: 'a', sequence: 1 })
        .accepted('a2', { key: 'a', sequence: 2 })
        .accepted('b1', { key: 'b', sequence: 1 });
    const promises = { isOrdered: true };

    it('is an effect after one of the same key with a higher sequence', () => {
      const swapped = dispatched().handled('a2').handled('a1').handled('b1');
      expect(faults({ history: swapped, promises })).toEqual(one('reordered'));
    });

    it('is none where no order is promised, nor between keys', () => {
      const swapped = dispatched().handled('a2').handled('a1').handled('b1');
      expect(faults({ history: swapped })).toEqual(NO_FAULT);
      expect(faults({ history: dispatched().handled('a1').handled('a2').handled('b1'), promises })).toEqual(
        NO_FAULT,
      );
    });
  });

  describe('phantom', () => {
    it('is an effect of a message that nobody dispatched', () => {
      expect(faults({ history: history().handled('m') })).toEqual(one('phantom'));
    });

    it('is an effect of a message that was refused, but not of one that may have been sent all the same', () => {
      expect(faults({ history: history().attempted('m').refused('m').handled('m') })).toEqual(one('phantom'));
      const maybe = history().attempted('m').refused('m', { maybeSent: true }).handled('m');
      expect(faults({ history: maybe })).toEqual(NO_FAULT);
    });

    it('is none of a producer that was killed before it was told', () => {
      expect(faults({ history: history().attempted('m').handled('m') })).toEqual(NO_FAULT);
    });
  });

  describe('acknowledged early', () => {
    it('is a message whose acknowledgement was asked for before its effect', () => {
      const early = history().accepted('m').started('m').settling('m').effect('m').settled('m');
      expect(faults({ history: early })).toEqual(one('acknowledgedEarly'));
    });

    it('is none that was rejected, or whose effect an earlier worker had', () => {
      const rejected = history()
        .accepted('m')
        .started('m')
        .settling('m', A, { how: 'reject' })
        .handled('m', B);
      expect(faults({ history: rejected })).toEqual(NO_FAULT);
      const skipped = history()
        .accepted('m')
        .started('m')
        .effect('m')
        .fired('kill')
        .settling('m', B)
        .settled('m', B);
      expect(faults({ history: skipped })).toEqual(NO_FAULT);
    });
  });

  describe('early', () => {
    it('is an effect before its message was due', () => {
      const dueAt = 100;
      expect(faults({ history: history().accepted('m', { dueAt }).handled('m') })).toEqual(one('early'));
      expect(faults({ history: history().accepted('m', { dueAt: 3 }).handled('m') })).toEqual(NO_FAULT);
    });
  });

  describe('renamed', () => {
    it('is an effect under another message id than before', () => {
      const renamed = history().accepted('m').started('m').effect('m').fired('kill').started('m', B);
      expect(faults({ history: renamed.effect('m', B, { messageId: 'other' }) })).toEqual(one('renamed'));
    });
  });
});
