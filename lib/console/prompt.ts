/** Asks the person at the terminal. Rejects with `PromptAbortedError` if no answer comes. */
export interface Prompt {
  /** Whether there is anybody to ask. */
  readonly isInteractive: boolean;
  /** One of `choices`; an empty answer means the first. */
  chooseOne<C extends string>(question: string, choices: readonly [C, ...C[]]): Promise<C>;
  /** At least one of `choices`, in the order of the answer. */
  chooseSeveral(question: string, choices: readonly string[]): Promise<readonly string[]>;
  /** An empty answer means no. */
  confirm(question: string): Promise<boolean>;
  /** Ends a question that waits for its answer, and every later one. */
  abort(): void;
}
