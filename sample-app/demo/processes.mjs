// Child processes: started, read line by line, and ended whatever happens to this one.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const running = new Set();

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Calls `stop` with the exit code that is usual for the signal when this process is asked to end; asked again, it ends. */
export function onSignal(stop) {
  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ]) {
    process.once(signal, () => stop(128 + number));
  }
}

/** A Node.js process whose lines, of both streams, go to `onLine` as they come. */
export class NodeProcess {
  #child;
  #onLine;
  #lines = [];
  #waiting = new Set();

  constructor(args, { cwd, env, onLine = () => undefined }) {
    this.#onLine = onLine;
    // Detached: Ctrl+C in a terminal reaches this process alone, which then ends the others in an orderly way.
    this.#child = spawn(process.execPath, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(this.#child);
    /** Resolves with the exit code once everything the process wrote was read; one that a signal ended has 128. */
    this.exited = this.#live();
  }

  /** Everything written so far. */
  get output() {
    return this.#lines.join('\n');
  }

  /** The match of the first line, written already or yet to come, that `pattern` matches. Rejects if the process ends before. */
  line(pattern) {
    const earlier = this.#lines.map((line) => pattern.exec(line)).find((match) => match !== null);
    return earlier === undefined
      ? new Promise((resolve, reject) => this.#waiting.add({ pattern, resolve, reject }))
      : Promise.resolve(earlier);
  }

  /** Asks the process to end in an orderly way, and resolves with its exit code. */
  stop() {
    this.#child.kill('SIGTERM');
    return this.exited;
  }

  async #live() {
    const closed = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => resolve(code ?? 128));
    });
    await Promise.all([this.#read(this.#child.stdout), this.#read(this.#child.stderr)]);
    const exitCode = await closed;
    running.delete(this.#child);
    for (const { pattern, reject } of this.#waiting) {
      reject(
        new Error(`A process ended with exit code ${exitCode} before it wrote ${pattern}:\n${this.output}`),
      );
    }
    return exitCode;
  }

  async #read(stream) {
    for await (const line of createInterface({ input: stream })) {
      this.#lines.push(line);
      this.#onLine(line);
      this.#tell(line);
    }
  }

  #tell(line) {
    for (const waiting of this.#waiting) {
      const match = waiting.pattern.exec(line);
      if (match !== null) {
        this.#waiting.delete(waiting);
        waiting.resolve(match);
      }
    }
  }
}

/** Runs a Node.js process to its end. */
export async function runNode(args, options) {
  const child = new NodeProcess(args, options);
  return { exitCode: await child.exited, output: child.output };
}
