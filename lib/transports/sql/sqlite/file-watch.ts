import { watch, type FSWatcher } from 'node:fs';

/** How many changes in a row may go unheard before the watch is given up until somebody listens again. */
const MAX_UNHEARD = 16;

/**
 * Watches one file while somebody listens. Changes of one turn of the event loop are reported once.
 *
 * It never keeps the process alive. A file system without change notifications, or a system that is out of watches, makes
 * it inactive; the listener then has to look by itself.
 */
export class FileWatch {
  readonly #file: string;
  /** Told of each change; answers whether anybody cared. */
  readonly #onChange: () => boolean;
  #watcher: FSWatcher | undefined;
  #reporting = false;
  #unheard = 0;

  constructor(file: string, onChange: () => boolean) {
    this.#file = file;
    this.#onChange = onChange;
  }

  get active(): boolean {
    return this.#watcher !== undefined;
  }

  /** Begins to watch. Does nothing if it watches already. */
  start(): void {
    if (this.#watcher !== undefined) {
      return;
    }
    try {
      const watcher = watch(this.#file, { persistent: false });
      watcher.on('change', (event) => (event === 'rename' ? this.stop() : this.#changed()));
      watcher.on('error', () => this.stop());
      this.#watcher = watcher;
      this.#unheard = 0;
    } catch {
      // ENOSPC, EMFILE: the system has no watch left. Nothing is lost but speed, and `active` tells.
    }
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #changed(): void {
    if (this.#reporting) {
      return;
    }
    this.#reporting = true;
    setImmediate(() => {
      this.#reporting = false;
      this.#unheard = this.#onChange() ? 0 : this.#unheard + 1;
      // This process's own writes are changes too: a worker that is busy should not pay for them.
      if (this.#unheard > MAX_UNHEARD) {
        this.stop();
      }
    });
  }
}
