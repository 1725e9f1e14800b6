import { constants } from 'node:os';
import type { HostProcess } from './host-process.js';

/** The signals that stop a worker. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

export type StopSignalName = (typeof SIGNALS)[number];

/**
 * A second SIGINT this soon belongs to the same Ctrl+C: the terminal sends one to every process of the group, and `npm run`
 * passes its own on besides.
 */
const SAME_KEYSTROKE_MS = 100;

/**
 * Turns signals into a stop: the first one asks whoever listens to stop, the next one ends the process at once with
 * 128 plus its number (SIGINT 130, SIGQUIT 131, SIGTERM 143). So does the first one while nobody listens, that is while
 * the application boots: nothing is in hand then. As process 1 of a container a process has to do that itself.
 */
export class ProcessSignals {
  readonly #host: HostProcess;
  readonly #now: () => number;
  #onStop: ((signal: StopSignalName) => void) | undefined;
  #first: { readonly signal: StopSignalName; readonly at: number } | undefined;

  constructor(host: HostProcess, now: () => number = () => performance.now()) {
    this.#host = host;
    this.#now = now;
  }

  /** Listens from now on until the process ends. */
  watch(): void {
    SIGNALS.forEach((signal) => this.#host.on(signal, () => this.#receive(signal)));
  }

  /** Whom to ask to stop. Replaces an earlier listener. */
  onStop(listener: (signal: StopSignalName) => void): void {
    this.#onStop = listener;
  }

  /** Whether somebody was asked to stop. */
  get isStopping(): boolean {
    return this.#first !== undefined;
  }

  #receive(signal: StopSignalName): void {
    if (this.#first === undefined && this.#onStop !== undefined) {
      this.#first = { signal, at: this.#now() };
      this.#onStop(signal);
    } else if (!this.#isSameKeystroke(signal)) {
      this.#host.exit(128 + constants.signals[signal]);
    }
  }

  #isSameKeystroke(signal: StopSignalName): boolean {
    return (
      signal === 'SIGINT' &&
      this.#first?.signal === 'SIGINT' &&
      this.#now() - this.#first.at < SAME_KEYSTROKE_MS
    );
  }
}
