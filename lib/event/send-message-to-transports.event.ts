import type { Envelope } from '../envelope/envelope.js';

/** A message is about to be sent. A listener may replace the envelope; one that throws makes the dispatch fail. */
export class SendMessageToTransportsEvent {
  constructor(
    public envelope: Envelope,
    readonly transportNames: readonly string[],
  ) {}
}
