import { AsyncResource } from 'node:async_hooks';
import type { Envelope } from '../envelope/envelope.js';
import { ConsumedByWorkerStamp } from '../stamp/consumed-by-worker.stamp.js';
import { HandlerArgumentsStamp } from '../stamp/handler-arguments.stamp.js';
import { BatchCollector } from './batch-collector.js';
import { deliverySignalOf, EnvelopeHandlerContext } from './handler-context.js';
import type { HandlerDescriptor } from './handler-descriptor.js';
import { runWithTimeout } from './handler-timeout.js';

const NOTHING = (): void => undefined;

/** Calls handlers: with a message or a batch, with or without a time-out. Holds the batches that are being gathered. */
export class HandlerRunner {
  readonly #collectors = new Map<HandlerDescriptor, BatchCollector>();
  /**
   * A batch belongs to no single message, so its handler, and whatever the worker starts in the slot that was freed, runs
   * in the asynchronous context of none.
   */
  readonly #context = new AsyncResource('MessengerBatch');

  /** The handler's result or a promise of it. Throws or rejects with what the handler threw. */
  run(descriptor: HandlerDescriptor, envelope: Envelope): unknown {
    const { options } = descriptor;
    if (options.batch !== undefined) {
      return this.#addToBatch(descriptor, envelope);
    }
    if (options.timeout === undefined) {
      return call(descriptor, envelope, undefined);
    }
    return runWithTimeout(descriptor.name, options.timeout, deliverySignalOf(envelope), async (signal) =>
      call(descriptor, envelope, signal),
    );
  }

  /** Handles every batch being gathered, full or not. */
  async flushBatches(): Promise<void> {
    await Promise.all([...this.#collectors.values()].map((collector) => collector.flush()));
  }

  #addToBatch(descriptor: HandlerDescriptor, envelope: Envelope): Promise<unknown> {
    const delivery = envelope.last(ConsumedByWorkerStamp)?.delivery;
    if (delivery === undefined) {
      // Handled where it was dispatched: the caller waits, so the batch is this one message.
      const single = new BatchCollector({
        ...descriptor,
        options: { ...descriptor.options, batch: { size: 1 } },
      });
      return single.add(envelope, NOTHING);
    }
    let collector = this.#collectors.get(descriptor);
    if (collector === undefined) {
      collector = new BatchCollector(descriptor);
      this.#collectors.set(descriptor, collector);
    }
    return this.#context.runInAsyncScope(() => collector.add(envelope, () => delivery.yieldSlot()));
  }
}

function call(
  descriptor: HandlerDescriptor,
  envelope: Envelope,
  timeoutSignal: AbortSignal | undefined,
): unknown {
  const context = new EnvelopeHandlerContext(envelope, timeoutSignal);
  const additional = envelope.last(HandlerArgumentsStamp)?.additionalArguments;
  return additional === undefined
    ? descriptor.call(envelope.message, context)
    : descriptor.call(envelope.message, context, ...additional);
}
