import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { RedisNotInstalledError } from './redis-not-installed.error.js';

const DEADLINE_MS = 15_000;
const KEPT_OUTPUT = 4_000;

/** One run of `redis-server`. */
export class RedisProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = '';

  private constructor(args: readonly string[], folder: string) {
    this.#child = spawn('redis-server', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = `${this.#output}${chunk.toString()}`.slice(-KEPT_OUTPUT);
      });
    }
  }

  /**
   * Resolves when the server writes `ready`.
   *
   * @param watch gets the id of the process at once, and `undefined` when it has ended
   * @throws RedisNotInstalledError without the binary; an error with what the server wrote when it does not become ready
   */
  static async start(
    args: readonly string[],
    folder: string,
    ready: RegExp,
    watch: (pid: number | undefined) => void,
  ): Promise<RedisProcess> {
    const run = new RedisProcess(args, folder);
    if (run.#child.pid === undefined) {
      const [error] = (await once(run.#child, 'error')) as [NodeJS.ErrnoException];
      throw error.code === 'ENOENT' ? new RedisNotInstalledError('redis-server') : error;
    }
    watch(run.#child.pid);
    run.#child.once('exit', () => watch(undefined));
    await run.#becomes(ready);
    return run;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when the process has ended. */
  async exited(): Promise<void> {
    return this.#exited;
  }

  async #becomes(ready: RegExp): Promise<void> {
    const timer = setTimeout(() => this.signal('SIGKILL'), DEADLINE_MS);
    const isReady = await new Promise<boolean>((resolve) => {
      this.#child.stdout?.on('data', () => ready.test(this.#output) && resolve(true));
      this.#child.once('close', () => resolve(false));
    });
    clearTimeout(timer);
    if (!isReady) {
      const { exitCode, signalCode } = this.#child;
      throw new Error(
        `redis-server ended (${signalCode ?? exitCode}) and was never ready. It wrote:\n${this.#output}`,
      );
    }
  }
}
