import type { Output } from '../../../../lib/console/output.js';

/** Keeps what is written. */
export class MemoryOutput implements Output {
  stdout = '';
  stderr = '';

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
}
