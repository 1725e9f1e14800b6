import { setImmediate as nextTurn } from 'node:timers/promises';

/** One thing to do that takes time. */
export type AmqpStep = () => Promise<unknown>;

/** What {@link AmqpSteps} needs. */
export interface AmqpStepsSetup {
  /** What is to be done next; nothing if all is done. */
  readonly next: () => AmqpStep | undefined;
  /** Called with what a step rejected with. */
  readonly onFailed: (error: unknown) => void;
}

/** Does one step after the other, each after a turn of the event loop, until there is nothing left to do. */
export class AmqpSteps {
  readonly #setup: AmqpStepsSetup;
  #isWorking = false;

  constructor(setup: AmqpStepsSetup) {
    this.#setup = setup;
  }

  /** Does what there is to do, after this turn of the event loop: what is settled in it counts already. */
  work(): void {
    if (!this.#isWorking) {
      this.#isWorking = true;
      void this.#work();
    }
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    for (;;) {
      await nextTurn();
      const step = this.#setup.next();
      if (step === undefined) {
        this.#isWorking = false;
        return;
      }
      try {
        await step();
      } catch (error) {
        // The driver tells why a connection was lost only after it has closed the channels.
        await nextTurn();
        this.#setup.onFailed(error);
      }
    }
  }
}
