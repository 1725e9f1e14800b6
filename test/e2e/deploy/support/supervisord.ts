import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Watchdog } from '../../../integration/redis/support/watchdog.js';
import { until } from '../../support/until.js';

const run = promisify(execFile);

/** How long a process may take to boot on a busy machine. */
const DEADLINE_MS = 45_000;

/** A process that Supervisor has started. */
export interface SupervisedProcess {
  readonly name: string;
  readonly pid: number;
}

/** A real supervisord with one file of programs, in a folder of its own. Everything it has started ends with this process. */
export class Supervisord {
  readonly folder: string;
  readonly #watchdog: Watchdog;
  readonly #child: ChildProcess;

  /**
   * @param programs the file, once the folder is known.
   * @param env what its processes find in their environment.
   */
  constructor(
    programs: (folder: string) => string,
    env: (folder: string) => Readonly<Record<string, string>>,
  ) {
    this.folder = mkdtempSync(join(tmpdir(), 'messenger-supervisor-'));
    mkdirSync(join(this.folder, 'logs'));
    writeFileSync(join(this.folder, 'programs.conf'), programs(this.folder));
    writeFileSync(join(this.folder, 'supervisord.conf'), configurationIn(this.folder));
    // It ends its processes itself, if it is asked to.
    this.#watchdog = new Watchdog(this.folder, 'TERM');
    this.#child = spawn(
      'supervisord',
      ['--nodaemon', '--configuration', join(this.folder, 'supervisord.conf')],
      {
        env: { ...process.env, ...env(this.folder) },
        stdio: 'ignore',
      },
    );
    this.#watchdog.watch(this.#child.pid);
  }

  /** What an administrator types after `supervisorctl`. Resolves with its output, whatever its exit code. */
  async control(...args: readonly string[]): Promise<string> {
    const command = ['--configuration', join(this.folder, 'supervisord.conf'), ...args];
    try {
      return (await run('supervisorctl', command)).stdout;
    } catch (error) {
      // "status" ends with 3 if something does not run.
      return (error as { stdout: string }).stdout;
    }
  }

  /** Every process that was started, in order. */
  get started(): readonly SupervisedProcess[] {
    return [...this.log.matchAll(/spawned: '(\S+)' with pid (\d+)/g)].map(([, name = '', pid]) => ({
      name,
      pid: Number(pid),
    }));
  }

  /** The process of a name that was started last. */
  process(name: string): SupervisedProcess | undefined {
    return this.started.findLast((each) => each.name === name);
  }

  /** What supervisord says. */
  get log(): string {
    return textIn(join(this.folder, 'supervisord.log'));
  }

  /** What the processes of a name have written. */
  output(name: string): string {
    return textIn(join(this.folder, 'logs', `${name}.log`));
  }

  /** Resolves when the condition is met; fails with all logs after a deadline. */
  async sees(what: string, isMet: () => boolean | Promise<boolean>): Promise<void> {
    try {
      await until(what, isMet, DEADLINE_MS);
    } catch (error) {
      const names = [...new Set(this.started.map(({ name }) => name))];
      const outputs = names.map((name) => `${name}:\n${this.output(name)}`).join('\n');
      throw new TypeError(`${String(error)}\nsupervisord:\n${this.log}\n${outputs}`, { cause: error });
    }
  }

  /** Ends it, and with it everything it has started. */
  async remove(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    this.#watchdog.watch(undefined);
    await this.#watchdog.finish();
  }
}

function configurationIn(folder: string): string {
  return `
[unix_http_server]
file=${folder}/supervisor.sock
[supervisord]
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}/logs
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/supervisor.sock
[include]
files=${folder}/programs.conf
`;
}

function textIn(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
