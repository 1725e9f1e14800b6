import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Reads process ids until this process closes the pipe or dies in whatever way, then kills the last one. */
const SCRIPT = `
while read -r line; do pid=$line; done
[ -z "$pid" ] || kill -"$2" "$pid"
rm -rf "$1"
`;

/** Ends a process and removes its folder when this process ends, by SIGKILL also. */
export class Watchdog {
  readonly #shell: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** @param signal what ends the process: `TERM` for one that has processes of its own to end. */
  constructor(folder: string, signal: 'KILL' | 'TERM' = 'KILL') {
    // Detached: the Ctrl-C that ends a test run would otherwise end its watchdogs first.
    this.#shell = spawn('sh', ['-c', SCRIPT, 'watchdog', folder, signal], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    this.#exited = once(this.#shell, 'exit');
    // What cannot be written anymore need not be: the shell has done its work.
    this.#shell.stdin?.on('error', () => undefined);
  }

  /** From now on this is the process to end; `undefined`: none. */
  watch(pid: number | undefined): void {
    this.#shell.stdin?.write(`${pid ?? ''}\n`);
  }

  /** Does at once what is else done at the end of this process. */
  async finish(): Promise<void> {
    this.#shell.stdin?.end();
    await this.#exited;
  }
}
