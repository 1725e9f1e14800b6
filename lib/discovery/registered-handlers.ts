import type { HandledTypes, MessageHandlerOptions } from '../decorator/handler-metadata.js';

/** A handler registered without a decorator, for a provider one cannot edit. */
export interface HandlerRegistration extends MessageHandlerOptions {
  /** What it handles. */
  readonly handles: HandledTypes;
  /** The class or token under which some module provides it. */
  readonly provider: NewableFunction | string | symbol;
  /** @default 'handle' */
  readonly method?: string;
}

/** The handlers of one `MessengerModule.forFeature()`. A class, so that it is recognized among all providers. */
export class RegisteredHandlers {
  constructor(readonly registrations: readonly HandlerRegistration[]) {}
}
