/** How a process of ours ends. A process that a signal ended at once has 128 plus the number of the signal. */
export const EXIT_CODE = { done: 0, failed: 1, wrongUsage: 2 } as const;

/** One of {@link EXIT_CODE}, or 128 plus the number of a signal. */
export type ExitCode = number;
