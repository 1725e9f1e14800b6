import type { AmqpDelivery } from './amqp.stamps.js';

/** What an {@link AmqpFetch} is made of. */
export interface AmqpFetchSetup {
  readonly max: number;
  /** Milliseconds; 0: it wants to know what is there now. */
  readonly wait: number;
  readonly signal: AbortSignal | undefined;
  /** Called when its time is over. It is for the listener to end it, once it is known that there is nothing. */
  readonly onDue: (fetch: AmqpFetch) => void;
  /** Called once, when it has an outcome. */
  readonly onEnd: (fetch: AmqpFetch) => void;
}

/** A fetch that found nothing at once and waits. */
export class AmqpFetch {
  readonly max: number;
  readonly outcome: Promise<readonly AmqpDelivery[]>;
  readonly #setup: AmqpFetchSetup;
  readonly #timer: NodeJS.Timeout | undefined;
  #isDue: boolean;
  #settle!: {
    readonly resolve: (deliveries: readonly AmqpDelivery[]) => void;
    readonly reject: (error: unknown) => void;
  };

  constructor(setup: AmqpFetchSetup) {
    const { max, wait, signal } = setup;
    this.#setup = setup;
    this.max = max;
    this.#isDue = wait <= 0;
    this.outcome = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    if (wait > 0) {
      this.#timer = setTimeout(this.#becomeDue, wait);
    }
    signal?.addEventListener('abort', this.#abort);
  }

  /** Whether it shall end as soon as it is known that there is nothing. */
  get isDue(): boolean {
    return this.#isDue;
  }

  end(deliveries: readonly AmqpDelivery[]): void {
    this.#leave();
    this.#settle.resolve(deliveries);
  }

  fail(error: unknown): void {
    this.#leave();
    this.#settle.reject(error);
  }

  readonly #becomeDue = (): void => {
    this.#isDue = true;
    this.#setup.onDue(this);
  };

  readonly #abort = (): void => this.end([]);

  #leave(): void {
    clearTimeout(this.#timer);
    this.#setup.signal?.removeEventListener('abort', this.#abort);
    this.#setup.onEnd(this);
  }
}
