import { Injectable } from '@nestjs/common';
import { MessageHandler } from '../../../lib/decorator/message-handler.decorator.js';
import { OnMessengerEvent } from '../../../lib/decorator/on-messenger-event.decorator.js';
import { WorkerMessageHandledEvent } from '../../../lib/event/worker-message-handled.event.js';
import type { HandlerContext } from '../../../lib/handler/handler-context.js';
import { HandlerLog } from './handler-log.js';
import { type ChaosMessage, Once } from './messages.js';

/** The idempotent handler, in applications with an inbox. The ledger is no part of its transaction. */
@Injectable()
export class OnceHandler {
  readonly #log: HandlerLog;

  constructor(log: HandlerLog) {
    this.#log = log;
  }

  @MessageHandler(Once, { idempotent: true })
  once(message: Once, context: HandlerContext): Promise<void> {
    return this.#log.run('once', message, context);
  }

  @OnMessengerEvent(WorkerMessageHandledEvent)
  handled({ envelope, skippedHandlers }: WorkerMessageHandledEvent): void {
    if (skippedHandlers.length > 0) {
      this.#log.note('skipped', envelope.message as ChaosMessage);
    }
  }
}
