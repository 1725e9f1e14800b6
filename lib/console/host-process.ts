/** What the console needs of the process it runs in; a test hands in another. */
export interface HostProcess {
  on(event: string, listener: (value: unknown) => void): unknown;
  /** Ends the process at once. */
  exit(code: number): void;
}
