/** A transport's rate limit is used up: its messages stay where they are until it allows more; other transports go on. */
export class WorkerRateLimitedEvent {
  constructor(
    readonly transportName: string,
    /** Milliseconds until the limit allows the next message. */
    readonly retryAfter: number,
  ) {}
}
