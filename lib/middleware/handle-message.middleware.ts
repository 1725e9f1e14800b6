import type { Envelope } from '../envelope/envelope.js';
import type { Stamp } from '../envelope/stamp.js';
import { HandlerFailedError } from '../errors/handler-failed.error.js';
import { NoHandlerError } from '../errors/no-handler.error.js';
import { HANDLED_BEFORE } from '../handler/handled-before.js';
import type { HandlerDescriptor } from '../handler/handler-descriptor.js';
import type { HandlerRunner } from '../handler/handler-runner.js';
import type { HandlersLocator } from '../handler/handlers-locator.js';
import { classOf } from '../message/message-class.js';
import { HandledBeforeStamp } from '../stamp/handled-before.stamp.js';
import { HandledStamp } from '../stamp/handled.stamp.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import type { Middleware } from './middleware.js';

/** What {@link HandleMessageMiddleware} needs. */
export interface HandleMessageOptions {
  readonly busName: string;
  readonly handlers: HandlersLocator;
  readonly runner: HandlerRunner;
  /** Accept a message that nobody handles. */
  readonly allowNoHandlers: boolean;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

/**
 * Calls the handlers of a message, one after the other, and stamps its results on the envelope. Handlers that have
 * handled the message on an earlier try are left out. A handler that fails does not stop the others; at the end one
 * {@link HandlerFailedError} tells of every failure. It is the end of the chain.
 */
export class HandleMessageMiddleware implements Middleware {
  readonly #options: HandleMessageOptions;

  constructor(options: HandleMessageOptions) {
    this.#options = options;
  }

  handle(envelope: Envelope): Promise<Envelope> {
    const descriptors = this.#options.handlers.handlersOf(envelope);
    const only = descriptors.length === 1 && !envelope.has(HandledStamp) ? descriptors[0] : undefined;
    return only === undefined ? this.#callAll(descriptors, envelope) : this.#callOnly(only, envelope);
  }

  /** What {@link #callAll} does, for the common case of a single handler. */
  async #callOnly(descriptor: HandlerDescriptor, envelope: Envelope): Promise<Envelope> {
    let result: unknown;
    try {
      result = await this.#options.runner.run(descriptor, envelope);
    } catch (error) {
      throw new HandlerFailedError(envelope, new Map([[descriptor.name, error]]));
    }
    return result === HANDLED_BEFORE
      ? envelope.with(...handledBefore(descriptor.name))
      : envelope.with(new HandledStamp(result, descriptor.name));
  }

  async #callAll(descriptors: readonly HandlerDescriptor[], envelope: Envelope): Promise<Envelope> {
    const already = new Set(envelope.all(HandledStamp).map(({ handlerName }) => handlerName));
    const pending = descriptors.filter(({ name }) => !already.has(name));
    if (pending.length === 0 && already.size === 0 && !this.#options.allowNoHandlers) {
      throw this.#noHandler(envelope);
    }
    return this.#runAll(pending, envelope);
  }

  async #runAll(descriptors: readonly HandlerDescriptor[], envelope: Envelope): Promise<Envelope> {
    const outcomes: Array<Outcome | Promise<Outcome>> = [];
    for (const descriptor of descriptors) {
      const outcome = this.#outcomeOf(descriptor, envelope);
      // A batch handler answers when its batch is full; the other handlers do not wait for that.
      outcomes.push(descriptor.options.batch === undefined ? await outcome : outcome);
    }
    const stamps: Stamp[] = [];
    const errors = new Map<string, unknown>();
    for (const [index, { name }] of descriptors.entries()) {
      const outcome = (await outcomes[index]) as Outcome;
      if ('error' in outcome) {
        errors.set(name, outcome.error);
      } else if (outcome.result === HANDLED_BEFORE) {
        stamps.push(...handledBefore(name));
      } else {
        stamps.push(new HandledStamp(outcome.result, name));
      }
    }
    const handled = envelope.with(...stamps);
    if (errors.size > 0) {
      throw new HandlerFailedError(handled, errors);
    }
    return handled;
  }

  async #outcomeOf(descriptor: HandlerDescriptor, envelope: Envelope): Promise<Outcome> {
    try {
      return { result: await this.#options.runner.run(descriptor, envelope) };
    } catch (error) {
      return { error };
    }
  }

  #noHandler(envelope: Envelope): NoHandlerError {
    const transport = envelope.last(ReceivedStamp)?.transportName;
    return new NoHandlerError(classOf(envelope.message).name, this.#options.busName, transport);
  }
}

/** Handled it is, so that a retry for the sake of another handler leaves this one out. */
function handledBefore(handlerName: string): readonly Stamp[] {
  return [new HandledStamp(undefined, handlerName), new HandledBeforeStamp(handlerName)];
}
