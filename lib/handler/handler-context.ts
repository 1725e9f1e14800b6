import type { Envelope } from '../envelope/envelope.js';
import { ConsumedByWorkerStamp } from '../stamp/consumed-by-worker.stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { RedeliveryStamp } from '../stamp/redelivery.stamp.js';

/** What a handler may know about the message it is given. Its second argument. */
export interface HandlerContext {
  readonly envelope: Envelope;
  /** Aborts when the handler's time-out has passed, the lease of the message is lost, or a stop will wait no longer. */
  readonly signal: AbortSignal;
  /** The transport the message was received from; `undefined` when it is handled where it was dispatched. */
  readonly transport: string | undefined;
  /** 1 on the first try, 2 on the first retry, and so on. */
  readonly attempt: number;
}

/** Computes what few handlers read only when it is read. */
export class EnvelopeHandlerContext implements HandlerContext {
  readonly envelope: Envelope;
  readonly #timeoutSignal: AbortSignal | undefined;
  #signal: AbortSignal | undefined;

  constructor(envelope: Envelope, timeoutSignal?: AbortSignal) {
    this.envelope = envelope;
    this.#timeoutSignal = timeoutSignal;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= combine(
      this.envelope.last(ConsumedByWorkerStamp)?.delivery?.signal,
      this.#timeoutSignal,
    ));
  }

  get transport(): string | undefined {
    return this.envelope.last(ReceivedStamp)?.transportName;
  }

  get attempt(): number {
    return (this.envelope.last(RedeliveryStamp)?.retryCount ?? 0) + 1;
  }
}

function combine(...signals: ReadonlyArray<AbortSignal | undefined>): AbortSignal {
  const present = signals.filter((signal) => signal !== undefined);
  // A signal that never fires, for a message handled where it was dispatched.
  return present.length === 1 && present[0] !== undefined ? present[0] : AbortSignal.any(present);
}
