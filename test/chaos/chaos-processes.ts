import { join } from 'node:path';
import { compiledApp } from '../e2e/support/compiled-app.js';
import { Spawned } from '../e2e/support/spawned.js';
import type { ChaosAppOptions } from './app/chaos-app.options.js';
import { CHAOS_DEADLINE_MS } from './deadline.js';
import type { Interval } from './ledger/history.js';

const APP = 'test/chaos/app';
const APP_IMPORTS = ['test/chaos/failpoints', 'test/chaos/ledger'];

/** The processes of one run, and what was done to them. */
export class ChaosProcesses {
  readonly #options: ChaosAppOptions;
  readonly #spawned: Spawned[] = [];
  readonly #killedAt = new Map<number, number>();
  readonly #pauses: (Interval & { readonly pid: number })[] = [];

  constructor(options: ChaosAppOptions) {
    this.#options = options;
  }

  /** Compiles the application if nobody has. Holds up the event loop for seconds then. */
  static prepare(): void {
    compiledApp(APP, APP_IMPORTS);
  }

  /** When each was killed that was, by its id. */
  get killedAt(): ReadonlyMap<number, number> {
    return this.#killedAt;
  }

  /** When which stood still. */
  get pauses(): ReadonlyArray<Interval & { readonly pid: number }> {
    return this.#pauses;
  }

  spawn(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Spawned {
    const common = { E2E_OPTIONS: JSON.stringify(this.#options), NO_COLOR: '1' };
    const file = join(compiledApp(APP, APP_IMPORTS), script);
    const spawned = new Spawned(file, args, { ...common, ...env }, CHAOS_DEADLINE_MS);
    this.#spawned.push(spawned);
    return spawned;
  }

  async kill(process: Spawned): Promise<void> {
    this.#killedAt.set(process.pid, Date.now());
    process.kill('SIGKILL');
    await process.exited();
  }

  pause(process: Spawned): () => void {
    const from = Date.now();
    process.kill('SIGSTOP');
    return () => {
      this.stoodStill(process, { from, to: Date.now() });
      process.kill('SIGCONT');
    };
  }

  stoodStill({ pid }: Spawned, interval: Interval): void {
    this.#pauses.push({ pid, ...interval });
  }

  /** Ends all in good order. @throws if one does not end so. */
  async stop(): Promise<void> {
    const running = this.#running();
    running.forEach((each) => each.kill('SIGTERM'));
    const exits = await Promise.all(running.map((each) => each.exited()));
    const bad = running.filter((_, index) => exits[index]?.code !== 0);
    if (bad.length > 0) {
      throw new TypeError(`Did not end in good order:\n${bad.map(({ stderr }) => stderr).join('\n')}`);
    }
  }

  async killAll(): Promise<void> {
    const running = this.#running();
    running.forEach((each) => each.kill('SIGKILL'));
    await Promise.all(running.map((each) => each.ended));
  }

  #running(): readonly Spawned[] {
    return this.#spawned.filter(({ hasExited }) => !hasExited);
  }
}
