/** What `promise` settles with, or nothing as soon as a signal fires; it goes on unheard then. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signals: readonly AbortSignal[],
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    const settled = (): void => signals.forEach((signal) => signal.removeEventListener('abort', end));
    signals.forEach((signal) => signal.addEventListener('abort', end));
    void promise.then(resolve, reject).finally(settled);
    if (signals.some(({ aborted }) => aborted)) {
      end();
    }
  });
}
