import { rename, rm, writeFile } from 'node:fs/promises';
import { HealthReportError } from '../errors/health-report.error.js';
import type { MessengerLogger } from '../event/logger.js';
import { summarizeError } from '../failure/flatten-error.js';
import type { HealthReport } from './health-report.js';

/** How often the file is written, in milliseconds. */
const EVERY_MS = 5000;

/** What a {@link HealthFile} needs. */
export interface HealthFileOptions {
  readonly path: string;
  readonly report: () => HealthReport;
  readonly logger: MessengerLogger;
}

/**
 * A file that is written again and again while the worker is alive, and removed when it ends. Whoever finds it older than
 * half a minute knows that the process is gone, or that its event loop stands still.
 */
export class HealthFile {
  readonly #options: HealthFileOptions;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: HealthFileOptions) {
    this.#options = options;
  }

  /** @throws HealthReportError when the file cannot be written. */
  async start(): Promise<void> {
    const { path } = this.#options;
    try {
      await this.#write();
    } catch (error) {
      const what = `cannot write "${path}": ${summarizeError(error).message}. Name a file in a folder that exists and is writable.`;
      throw new HealthReportError('health-file', what, { cause: error });
    }
    this.#timer = setInterval(() => {
      this.#writing ??= this.#rewrite().finally(() => (this.#writing = undefined));
    }, EVERY_MS).unref();
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await rm(this.#options.path, { force: true }).catch(() => undefined);
  }

  /** Never rejects: a full disk is no reason to stop, and whoever watches the file notices. */
  async #rewrite(): Promise<void> {
    try {
      await this.#write();
      this.#isFailing = false;
    } catch (error) {
      const { path, logger } = this.#options;
      const level = this.#isFailing ? 'debug' : 'warn';
      this.#isFailing = true;
      logger.log(level, `The health file "${path}" cannot be written.`, { error });
    }
  }

  /** Who reads it sees all of it, or what was there before. */
  async #write(): Promise<void> {
    const { path, report } = this.#options;
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, `${JSON.stringify(report(), undefined, 2)}\n`);
    await rename(draft, path);
  }
}
