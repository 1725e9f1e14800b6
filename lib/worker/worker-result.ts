/** What a worker has done when it ends. */
export interface WorkerResult {
  readonly reason: string;
  /** Messages finished, failed ones included. */
  readonly processed: number;
  readonly failed: number;
  /** Messages whose handlers still ran when the grace period was over. */
  readonly abandoned: number;
}
