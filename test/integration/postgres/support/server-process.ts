import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '../../redis/support/eventually.js';
import { serverUser } from './programs.js';

const DEADLINE_MS = 60_000;
const KEPT_OUTPUT = 4000;

/** One run of a server that listens on a port of this machine. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = '';

  private constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { ...serverUser(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = Promise.race([once(this.#child, 'exit'), once(this.#child, 'error')]).catch(
      () => undefined,
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = `${this.#output}${chunk.toString()}`.slice(-KEPT_OUTPUT);
      });
    }
  }

  /** Resolves when it listens on `port`. @throws with what it wrote if it ends before. */
  static async start(program: string, args: readonly string[], port: number): Promise<ServerProcess> {
    const run = new ServerProcess(program, args);
    await eventually(
      `${program} listened on port ${port}`,
      async () => run.#hasEnded || (await listens(port)),
      DEADLINE_MS,
    );
    if (run.#child.pid === undefined) {
      throw new Error(`${program} cannot be run, which the tests need. Install it with .ci/ensure-postgres`);
    }
    if (run.#hasEnded) {
      throw new Error(`${program} ended and never listened. It wrote:\n${run.#output}`);
    }
    return run;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }

  /** Signals it and the processes it has started. */
  signalAll(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid !== undefined && !this.#hasEnded) {
      spawnSync('pkill', [`-${signal}`, '-P', String(pid)]);
      this.#child.kill(signal);
    }
  }

  get #hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answers: boolean) => () => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
