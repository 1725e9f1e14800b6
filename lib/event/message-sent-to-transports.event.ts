import type { Envelope } from '../envelope/envelope.js';

/** A message was accepted by every transport it is routed to. */
export class MessageSentToTransportsEvent {
  constructor(
    readonly envelope: Envelope,
    readonly transportNames: readonly string[],
  ) {}
}
