const DEADLINE_MS = 10_000;
const PAUSE_MS = 5;

/**
 * The first answer of `read` that is neither `undefined` nor `false`.
 *
 * @param what the sentence "… before <what>." ends the error's message
 * @throws when the deadline passes, with the last error of `read` as its cause
 */
export async function eventually<T>(
  what: string,
  read: () => T | false | undefined | Promise<T | false | undefined>,
  deadlineMs: number = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await read();
      if (answer !== undefined && answer !== false) {
        return answer;
      }
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`${deadlineMs} ms passed before ${what}.`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
