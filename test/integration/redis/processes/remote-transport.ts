import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { compiledApp } from '../../../e2e/support/compiled-app.js';

const SCRIPT = join(__dirname, 'transport-process.mjs');

/** What another process received: which text, and which delivery of it. */
export interface RemoteDelivery {
  readonly text: string;
  readonly delivery: number;
}

/** A message that another process received and acknowledged, and when by the system's clock. */
export interface Consumed {
  readonly text: string;
  readonly at: number;
}

interface Answer {
  readonly call?: number;
  readonly result?: unknown;
  readonly error?: Readonly<Record<string, string>>;
  readonly received?: readonly Consumed[];
}

/** The folder of the library as compiled from the sources as they are now. */
export function compiledLibrary(): string {
  return join(dirname(dirname(dirname(compiledApp()))), 'lib');
}

/** A transport in a process of its own, which is killed after the test if it is still there. */
export class RemoteTransport {
  /** What {@link consume} has brought so far. */
  readonly consumed: Consumed[] = [];
  readonly #child: ChildProcess;
  readonly #answers = new EventEmitter();
  #calls = 0;

  constructor(
    url: string,
    options: Readonly<Record<string, unknown>> = {},
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#child = fork(SCRIPT, [compiledLibrary(), url, JSON.stringify(options)], {
      env: { ...process.env, ...env },
    });
    this.#child.on('message', (answer: Answer) => {
      this.consumed.push(...(answer.received ?? []));
      if (answer.call !== undefined) {
        this.#answers.emit(String(answer.call), answer);
      }
    });
    this.#child.once('exit', () => this.#answers.emit('error', new Error('The process has ended.')));
    this.#answers.on('error', () => undefined);
    onTestFinished(() => this.kill());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async send(texts: readonly string[], delay = 0): Promise<void> {
    await this.#call('send', texts, delay);
  }

  get(how: { readonly max?: number; readonly wait?: number } = {}): Promise<readonly RemoteDelivery[]> {
    return this.#call('get', how);
  }

  /** Resolves with what was lost; so do the next two. */
  ack(...texts: readonly string[]): Promise<readonly string[]> {
    return this.#call('ack', texts);
  }

  release(...texts: readonly string[]): Promise<readonly string[]> {
    return this.#call('release', texts);
  }

  keepalive(...texts: readonly string[]): Promise<readonly string[]> {
    return this.#call('keepalive', texts);
  }

  /** Receives and acknowledges from now on; see {@link consumed}. */
  async consume(max = 10): Promise<void> {
    await this.#call('consume', max);
  }

  async close(): Promise<void> {
    await this.#call('close');
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** SIGKILL. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
  }

  async #call<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    const call = ++this.#calls;
    const answered = once(this.#answers, String(call)) as Promise<[Answer]>;
    this.#child.send({ call, method, args });
    const [{ result, error }] = await answered;
    if (error !== undefined) {
      throw Object.assign(new Error(error['message']), error);
    }
    return result as T;
  }
}
