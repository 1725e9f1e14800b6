/** Where commands and log lines are written: a process's streams, or memory in a test. */
export interface Output {
  /** Whether a person looks at it, so that tables with borders make sense. */
  readonly isTerminal: boolean;
  /** Whether to write in colour: in a terminal, unless the variable `NO_COLOR` is set. */
  readonly hasColors: boolean;
  /** Characters that fit into one line of a terminal. */
  readonly columns: number;
  write(text: string): void;
  writeError(text: string): void;
}

const USUAL_COLUMNS = 100;

/** The streams of this process. */
export class ProcessOutput implements Output {
  readonly #stdout = process.stdout;
  readonly #stderr = process.stderr;

  constructor() {
    // `failed:show | head` closes the pipe early; that is no failure, and must not look like one.
    this.#stdout.on('error', () => undefined);
    this.#stderr.on('error', () => undefined);
  }

  get isTerminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  get hasColors(): boolean {
    return this.isTerminal && !process.env['NO_COLOR'];
  }

  get columns(): number {
    // Some terminals say 0.
    return this.#stdout.columns || USUAL_COLUMNS;
  }

  write(text: string): void {
    this.#stdout.write(text);
  }

  writeError(text: string): void {
    this.#stderr.write(text);
  }

  /** Resolves when everything written so far has left this process. */
  async flush(): Promise<void> {
    const written = [this.#stdout, this.#stderr].map(
      (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
    );
    await Promise.all(written);
  }
}
