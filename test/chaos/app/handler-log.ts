import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import type { Failpoints } from '../failpoints/failpoints.js';
import type { ChaosLedger } from '../ledger/chaos-ledger.js';
import type { ChaosMessage } from './messages.js';

type Context = Pick<HandlerContext, 'envelope' | 'attempt'>;

/** Writes down what handlers do, and puts the failpoints of handlers around it. */
export class HandlerLog {
  readonly #ledger: ChaosLedger;
  readonly #failpoints: Failpoints;

  constructor(ledger: ChaosLedger, failpoints: Failpoints) {
    this.#ledger = ledger;
    this.#failpoints = failpoints;
  }

  /** One run of a handler. Its effect is written once `work` has resolved. @throws what `work` throws */
  async run(
    handler: string,
    message: ChaosMessage,
    context: Context,
    work: () => Promise<void> | void = () => undefined,
  ): Promise<void> {
    await this.started(handler, message, context);
    await work();
    await this.done(handler, message, context);
  }

  async started(handler: string, message: ChaosMessage, context: Context): Promise<void> {
    this.#write('started', handler, message, context);
    await this.#failpoints.pass('before-handle', { ids: [message.id] });
  }

  async done(handler: string, message: ChaosMessage, context: Context): Promise<void> {
    this.#write('effect', handler, message, context);
    await this.#failpoints.pass('after-handle', { ids: [message.id] });
  }

  async midBatch(messages: readonly ChaosMessage[]): Promise<void> {
    await this.#failpoints.pass('mid-batch', { ids: messages.map(({ id }) => id) });
  }

  note(what: string, { id }: ChaosMessage): void {
    this.#ledger.note(what, id);
  }

  #write(
    what: 'started' | 'effect',
    handler: string,
    { id }: ChaosMessage,
    { envelope, attempt }: Context,
  ): void {
    const messageId = envelope.last(MessageIdStamp)?.id ?? '';
    const deliveries = envelope.last(RedeliveredStamp)?.deliveryCount ?? 1;
    this.#ledger.handling({ what, id, messageId, attempt, deliveries, handler });
  }
}
