/** What goes on beside the messages as long as a worker runs. Several workers of a process may share one. */
export interface BackgroundTask {
  /** Called once by each worker that starts. */
  start(): void;
  /** Called once by each worker that has ended. Resolves when nothing of the task runs on its behalf. Never rejects. */
  stop(): Promise<void>;
}
