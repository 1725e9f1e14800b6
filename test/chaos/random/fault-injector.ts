import { setTimeout as sleep } from 'node:timers/promises';
import type { Spawned } from '../../e2e/support/spawned.js';
import type { ChaosRun } from '../chaos-run.js';
import { outage } from '../rigs/chaos-rig.js';
import { type Fault, isWorkerFault, type PlaceFault, type PlannedFault, type WorkerFault } from './fault.js';
import type { SupervisedSlot } from './supervised-slot.js';

/** How long after a fault of the place somebody may still find that out, in milliseconds: the next heartbeat, the next reconnection. */
const AFTERMATH_MS = 1000;

/** Does to a run what was planned, and writes down in it what may excuse a duplicate. */
export class FaultInjector {
  readonly #run: ChaosRun;
  readonly #slots: readonly SupervisedSlot[];
  #place: Promise<void> = Promise.resolve();

  constructor(run: ChaosRun, slots: readonly SupervisedSlot[]) {
    this.#run = run;
    this.#slots = slots;
  }

  /** Begins each fault in its time. Resolves when all are over. */
  async inject(plan: readonly PlannedFault[]): Promise<void> {
    const startedAt = performance.now();
    const begun: Promise<void>[] = [];
    for (const { at, fault } of plan) {
      await sleep(Math.max(0, startedAt + at - performance.now()));
      begun.push(this.#begin(fault));
    }
    await Promise.all(begun);
  }

  async #begin(fault: Fault): Promise<void> {
    if (isWorkerFault(fault)) {
      return this.#disturbWorker(fault);
    }
    // One at a time: on a busy machine a broker may take longer to start than was planned.
    this.#place = this.#place.then(() => this.#recordOutage(fault));
    return this.#place;
  }

  async #recordOutage(fault: PlaceFault): Promise<void> {
    const from = Date.now();
    await this.#disturbPlace(fault);
    this.#run.outages.push({ from, to: Date.now() + AFTERMATH_MS });
  }

  async #disturbWorker(fault: WorkerFault): Promise<void> {
    const slot = this.#slots[fault.worker - 1];
    if (slot === undefined) {
      throw new RangeError(`There is no worker ${fault.worker}. There are ${this.#slots.length}.`);
    }
    switch (fault.kind) {
      case 'kill':
        return this.#run.kill(slot.process);
      case 'arm':
        slot.arm(fault.failpoint);
        slot.replace();
        return fault.killedAfter === undefined
          ? undefined
          : this.#killAfter(fault.killedAfter, await slot.successor());
      case 'replace':
        return slot.replace();
      case 'pause':
        return this.#pause(slot, fault.ms);
    }
  }

  /** @param ms since it consumes; from then on it may hang. */
  async #killAfter(ms: number, worker: Spawned): Promise<void> {
    // Whoever ends before that hangs no more.
    await worker.written(/consumes/).catch(() => undefined);
    await Promise.race([sleep(ms), worker.ended]);
    if (!worker.hasExited) {
      await this.#run.kill(worker);
    }
  }

  async #pause(slot: SupervisedSlot, ms: number): Promise<void> {
    const from = Date.now();
    const resume = this.#run.pause(slot.process);
    await sleep(ms);
    resume();
    // Who is stopped while it holds the lock of the file stops all others.
    if (this.#run.rig.transport === 'sqlite') {
      this.#run.outages.push({ from, to: Date.now() + AFTERMATH_MS });
    }
  }

  async #disturbPlace(fault: PlaceFault): Promise<void> {
    const { proxy, broker } = this.#run.rig;
    if (proxy === undefined || broker === undefined) {
      throw new TypeError(
        `A rig of ${this.#run.rig.transport} has no "${fault.kind}": there is no proxy or no broker.`,
      );
    }
    switch (fault.kind) {
      case 'cut':
        return proxy.cut();
      case 'restart':
        await outage(broker, fault.how);
        return;
      case 'delay':
        proxy.delay(fault.by);
        break;
      case 'truncate':
        proxy.truncate(fault.afterBytes);
        break;
      case 'blackhole':
        proxy.blackhole();
        break;
    }
    await sleep(fault.ms);
    await proxy.restore();
  }
}
