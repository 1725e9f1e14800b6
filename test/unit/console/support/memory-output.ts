import type { Output } from '../../../../lib/console/output.js';

/** Keeps what is written. */
export class MemoryOutput implements Output {
  stdout = '';
  stderr = '';
  /** The lines below it all, one after the other; `undefined` where it was taken away. */
  readonly statuses: Array<string | undefined> = [];

  constructor(
    readonly isTerminal = false,
    readonly columns = 80,
    readonly hasColors = false,
  ) {}

  write(text: string): void {
    this.stdout += text;
  }

  writeError(text: string): void {
    this.stderr += text;
  }

  showStatus(text: string | undefined): void {
    this.statuses.push(text);
  }
}
