import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosLedger } from '../ledger/chaos-ledger.js';
import type { ArmedFailpoint, Failpoint, Passage } from './failpoint.js';
import { InjectedError } from './injected.error.js';

/** The failpoints of one process. What is not armed is let through at once. */
export class Failpoints {
  readonly #armed: readonly ArmedFailpoint[];
  readonly #ledger: ChaosLedger;
  readonly #passages = new Map<ArmedFailpoint, number>();

  constructor(armed: readonly ArmedFailpoint[], ledger: ChaosLedger) {
    this.#armed = armed;
    this.#ledger = ledger;
  }

  /** Whether anything may happen there. */
  isArmed(at: Failpoint): boolean {
    return this.#armed.some((each) => each.at === at);
  }

  /**
   * To be awaited where the process may fail.
   *
   * @throws InjectedError if it is armed to.
   */
  async pass(at: Failpoint, passage: Passage): Promise<void> {
    for (const armed of this.#armed.filter((each) => each.at === at && isMeant(each, passage))) {
      const count = (this.#passages.get(armed) ?? 0) + 1;
      this.#passages.set(armed, count);
      const { passage: wanted = 1, always = false } = armed;
      if (count === wanted || (always && count > wanted)) {
        this.#ledger.fire({ point: at, action: armed.action, ids: passage.ids });
        await act(armed);
      }
    }
  }
}

function isMeant({ id, transport }: ArmedFailpoint, passage: Passage): boolean {
  return (
    (id === undefined || passage.ids.includes(id)) &&
    (transport === undefined || transport === passage.transport)
  );
}

async function act({ at, action, ms = 0 }: ArmedFailpoint): Promise<void> {
  switch (action) {
    case 'kill':
      return die();
    case 'pause':
      process.kill(process.pid, 'SIGSTOP');
      return;
    case 'hang':
      return new Promise(() => undefined);
    case 'throw':
      throw new InjectedError(at);
    case 'delay':
      return sleep(ms);
  }
}

/** Ends this process at once, as a power cut would. Never returns. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered when the system sees fit; nothing may happen meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new InjectedError('kill');
}
