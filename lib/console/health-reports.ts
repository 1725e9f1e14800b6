import type { MessengerLogger } from '../event/logger.js';
import type { Worker } from '../worker/worker.js';
import { HealthFile } from './health-file.js';
import { healthReport } from './health-report.js';
import { HealthServer } from './health-server.js';

/** How a worker shall tell of its health. */
export interface HealthRequest {
  /** A file to be written while the worker is alive. */
  readonly file?: string;
  /** A port that answers. */
  readonly port?: number;
  /** The address of that port. @default '127.0.0.1' */
  readonly host?: string;
}

const LOOPBACK = '127.0.0.1';

/**
 * Begins to tell of a worker's health.
 *
 * @returns how to stop that; it never rejects.
 * @throws HealthReportError when it cannot be told as asked for.
 */
export async function startHealthReports(
  { file, port, host = LOOPBACK }: HealthRequest,
  worker: Worker,
  logger: MessengerLogger,
): Promise<() => Promise<void>> {
  const report = () => healthReport(worker.state);
  const healthFile = file === undefined ? undefined : new HealthFile({ path: file, report, logger });
  const server = port === undefined ? undefined : new HealthServer({ port, host, report });
  const url = await server?.start();
  if (url !== undefined) {
    logger.log('info', `Health is told at ${url}/live and ${url}/ready.`);
  }
  try {
    await healthFile?.start();
  } catch (error) {
    await server?.stop();
    throw error;
  }
  return async () => {
    await Promise.all([healthFile?.stop(), server?.stop()]);
  };
}
