/**
 * Fills a fresh store and lets one worker drain it.
 *
 * @param {import('../types.d.ts').Subject} subject
 * @param {import('../types.d.ts').Bench} bench
 * @param {{ concurrency: number, backlog: number, warmUp: number }} options
 */
export function drainBacklog(subject, { settings, withStore, play }, { concurrency, backlog, warmUp }) {
  const total = backlog + warmUp;
  return withStore(subject, async (address, store) => {
    await play(subject, 'produce', { driver: 'fill', address, count: total }).result;
    await store.filled?.();
    const task = { driver: 'drain', address, concurrency, total, warmUp, cap: settings.drainCap };
    return play(subject, 'consume', task).result;
  });
}
