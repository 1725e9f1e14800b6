/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'floor-sqlite-gathered',
  transport: 'sqlite',
  kind: 'floor',
  about: 'the messages sent in one turn of the event loop share a transaction',
  roles: {
    async produce(file) {
      const { openFloorStore } = await import('./support/sqlite-floor-store.mjs');
      const store = await openFloorStore(file);
      const send = gather((messages) => store.insertAll(messages));
      return {
        send,
        sendAll: async (messages) => store.insertAll(messages),
        close: async () => store.close(),
      };
    },
  },
};

/** Collects what is sent until the event loop turns, and stores it together. */
function gather(store) {
  let waiting = [];
  const flush = () => {
    const flushed = waiting;
    waiting = [];
    store(flushed.map(({ message }) => message));
    for (const { resolve } of flushed) resolve();
  };
  return (message) =>
    new Promise((resolve) => {
      if (waiting.push({ message, resolve }) === 1) setImmediate(flush);
    });
}
