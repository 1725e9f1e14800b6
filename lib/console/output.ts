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
  /**
   * Keeps a line below all that is written, in the place of the one before; nothing: takes it away. Only a terminal has
   * such a line. It is cut off at the edge.
   */
  showStatus(text: string | undefined): void;
}

const USUAL_COLUMNS = 100;

/** To the beginning of the line, which is emptied. */
const ERASE_LINE = '\r\u001b[K';

/** The streams of this process. */
export class ProcessOutput implements Output {
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  #status: string | undefined;

  constructor(stdout: NodeJS.WriteStream = process.stdout, stderr: NodeJS.WriteStream = process.stderr) {
    this.#stdout = stdout;
    this.#stderr = stderr;
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
    this.#aboveStatus(() => this.#stdout.write(text));
  }

  writeError(text: string): void {
    this.#aboveStatus(() => this.#stderr.write(text));
  }

  showStatus(text: string | undefined): void {
    if (this.isTerminal) {
      this.#status = text?.slice(0, this.columns - 1);
      this.#stdout.write(`${ERASE_LINE}${this.#status ?? ''}`);
    }
  }

  #aboveStatus(write: () => void): void {
    if (this.#status === undefined) {
      write();
      return;
    }
    this.#stdout.write(ERASE_LINE);
    write();
    this.#stdout.write(this.#status);
  }

  /** Resolves when everything written so far has left this process. */
  async flush(): Promise<void> {
    const written = [this.#stdout, this.#stderr].map(
      (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
    );
    await Promise.all(written);
  }
}
