/**
 * Collects what is given until the event loop turns and the call before has ended, and passes it on together.
 *
 * @template T
 * @param {(items: T[]) => Promise<unknown>} pass
 * @returns {(item: T) => Promise<unknown>} Resolves with the call that the item was part of.
 */
export function gather(pass) {
  let waiting = [];
  let last;
  const flush = () => {
    const items = waiting;
    waiting = [];
    return pass(items);
  };
  return (item) => {
    if (waiting.push(item) === 1) last = Promise.all([last, new Promise(setImmediate)]).then(flush);
    return last;
  };
}
