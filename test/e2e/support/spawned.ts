import { type ChildProcess, spawn } from 'node:child_process';
import { secretWatch } from '../../support/watch-secrets.js';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const DEADLINE_MS = 15_000;

/** A process and what it has written so far. Every wait has a deadline, and fails with the output. */
export class Spawned {
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();
  /** Resolves when the process has ended and its output is complete, however long that takes. */
  readonly ended: Promise<Exit>;
  readonly #deadlineMs: number;
  #stdout = '';
  #stderr = '';
  #exit: Exit | undefined;

  /** @param deadlineMs how long a wait may take. */
  constructor(
    script: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    deadlineMs: number = DEADLINE_MS,
  ) {
    this.#deadlineMs = deadlineMs;
    this.#child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) =>
      this.#changed(() => (this.#stdout += chunk.toString())),
    );
    this.#child.stderr?.on('data', (chunk: Buffer) =>
      this.#changed(() => (this.#stderr += chunk.toString())),
    );
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        secretWatch().search('process', `${this.#stdout}\n${this.#stderr}`);
        this.#changed(() => (this.#exit = { code, signal }));
        resolve({ code, signal });
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when the process has written something that matches. */
  async written(pattern: RegExp): Promise<string> {
    return this.#until(`"${pattern.source}"`, () => pattern.exec(`${this.#stdout}\n${this.#stderr}`)?.[0]);
  }

  /** Resolves when the process has ended and its output is complete. */
  async exited(): Promise<Exit> {
    return this.#until('its end', () => this.#exit);
  }

  #changed(change: () => void): void {
    change();
    this.#listeners.forEach((listener) => listener());
  }

  async #until<T>(what: string, read: () => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        act();
      };
      const fail = (why: string): void =>
        reject(new TypeError(`${why} before ${what}.\nstdout:\n${this.#stdout}\nstderr:\n${this.#stderr}`));
      const timer = setTimeout(() => settle(() => fail('The deadline passed')), this.#deadlineMs);
      const look = (): void => {
        const value = read();
        if (value !== undefined) {
          settle(() => resolve(value));
        } else if (this.#exit !== undefined) {
          settle(() => fail(`The process ended with ${JSON.stringify(this.#exit)}`));
        }
      };
      this.#listeners.add(look);
      look();
    });
  }
}
