import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { MessageHandler } from '../../../lib/decorator/message-handler.decorator.js';
import type { Batch } from '../../../lib/handler/batch.js';
import { EnvelopeHandlerContext, type HandlerContext } from '../../../lib/handler/handler-context.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { HandlerLog } from './handler-log.js';
import { Batched, Busy, Flaky, Keyed, Plain, Poison, Slow, Timed } from './messages.js';

/** The size of a batch, and how long it waits for more, in milliseconds. */
const BATCH = { size: 4, idleTimeout: 100 };

/** One handler for each kind of message that needs no inbox. The name of its method is its name in the ledger. */
@Injectable()
export class ChaosHandlers {
  readonly #log: HandlerLog;

  constructor(log: HandlerLog) {
    this.#log = log;
  }

  @MessageHandler()
  plain(message: Plain, context: HandlerContext): Promise<void> {
    return this.#log.run('plain', message, context);
  }

  @MessageHandler()
  keyed(message: Keyed, context: HandlerContext): Promise<void> {
    return this.#log.run('keyed', message, context);
  }

  @MessageHandler(Batched, { batch: BATCH })
  async batched(batch: Batch<Batched>): Promise<void> {
    const items = [...batch];
    for (const [index, { message, envelope, ack }] of items.entries()) {
      const context = new EnvelopeHandlerContext(envelope);
      await this.#log.started('batched', message, context);
      await this.#log.done('batched', message, context);
      ack();
      if (index + 1 === Math.ceil(items.length / 2)) {
        await this.#log.midBatch(items.map((item) => item.message));
      }
    }
  }

  @MessageHandler()
  flaky(message: Flaky, context: HandlerContext): Promise<void> {
    return this.#log.run('flaky', message, context, () => {
      if (context.attempt <= message.failures) {
        throw new TypeError(`Run ${context.attempt} of message "${message.id}" fails.`);
      }
    });
  }

  @MessageHandler()
  poison(message: Poison, context: HandlerContext): Promise<void> {
    return this.#log.run('poison', message, context, () => {
      throw new TypeError(`Message "${message.id}" fails always.`);
    });
  }

  @MessageHandler()
  slow(message: Slow, context: HandlerContext): Promise<void> {
    context.signal.addEventListener('abort', () => this.#log.note('aborted', message), { once: true });
    return this.#log.run('slow', message, context, () => sleep(message.ms));
  }

  @MessageHandler(Timed, { timeout: 300 })
  timed(message: Timed, context: HandlerContext): Promise<void> {
    return this.#log.run('timed', message, context);
  }

  @MessageHandler()
  busy(message: Busy, context: HandlerContext): Promise<void> {
    return this.#log.run('busy', message, context, () => {
      const isFirst = context.envelope.last(RedeliveredStamp) === undefined;
      const end = performance.now() + (isFirst ? message.ms : 0);
      while (performance.now() < end);
    });
  }
}
