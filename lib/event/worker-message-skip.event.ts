import type { Envelope } from '../envelope/envelope.js';

/** A message of a failure transport was looked at by `failed:retry` and left where it is. */
export class WorkerMessageSkipEvent {
  constructor(
    readonly envelope: Envelope,
    readonly transportName: string,
  ) {}
}
