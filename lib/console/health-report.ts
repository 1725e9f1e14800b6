import { healthOf, type TransportHealth } from '../worker/worker-health.js';
import type { WorkerState } from '../worker/worker-state.js';

/** What a worker tells those who watch over its process. Its JSON is public. */
export interface HealthReport {
  readonly status: 'ready' | 'not ready';
  /** Why it is not ready; sentences. */
  readonly reasons: readonly string[];
  readonly worker: {
    readonly id: string;
    readonly pid: number;
    readonly startedAt: Date;
    /** Seconds. */
    readonly uptime: number;
    readonly isStopping: boolean;
    readonly inHand: number;
    readonly processed: number;
    readonly failed: number;
    /** RSS in bytes. */
    readonly memory: number;
  };
  readonly transports: readonly TransportHealth[];
}

export function healthReport(state: WorkerState): HealthReport {
  const { info, now, isStopping, inHand, processed, failed } = state;
  const { isReady, reasons, transports } = healthOf(state);
  return {
    status: isReady ? 'ready' : 'not ready',
    reasons,
    worker: {
      id: info.id,
      pid: process.pid,
      startedAt: info.startedAt,
      uptime: Math.max(0, Math.round((now - info.startedAt.getTime()) / 1000)),
      isStopping,
      inHand,
      processed,
      failed,
      memory: process.memoryUsage.rss(),
    },
    transports,
  };
}
