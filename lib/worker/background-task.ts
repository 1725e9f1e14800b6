/** Something that goes on beside the messages of a worker, as long as the worker runs. */
export interface BackgroundTask {
  /** Whether it has nothing to do for now: a worker that stops when it is idle waits for that. */
  readonly isIdle: boolean;
  /** Begins. It must not throw, and not keep the worker from its messages. */
  start(): void;
  /**
   * Finishes what it has begun and ends. Never rejects.
   *
   * @param grace the longest that may take, in milliseconds.
   */
  stop(grace: number): Promise<void>;
}

/** Who hears of what a {@link BackgroundTask} does. */
export interface TaskListener {
  /** Called when a task has nothing to do any more. */
  readonly onIdle: () => void;
  /** Called when a task has stored messages in a transport, which the worker may take for empty. */
  readonly onStored: (transportName: string) => void;
}
