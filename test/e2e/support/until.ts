const DEADLINE_MS = 15_000;

/** Resolves when the condition is met; fails after a deadline. */
export async function until(
  what: string,
  isMet: () => boolean | Promise<boolean>,
  deadlineMs: number = DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await isMet())) {
    if (performance.now() > deadline) {
      throw new TypeError(`The deadline passed before ${what}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
