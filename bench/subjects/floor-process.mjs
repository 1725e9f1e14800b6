/**
 * The least a message bus can do.
 *
 * @type {import('../types.d.ts').Subject}
 */
export default {
  name: 'floor-process',
  transport: 'process',
  kind: 'floor',
  about: 'a Map lookup by class, then the handler',
  roles: {
    async dispatch(handle) {
      const { OrderPlaced } = await import('../harness/bench-message.mjs');
      const handlers = new Map([[OrderPlaced, handle]]);
      return (message) => handlers.get(message.constructor)(message);
    },
  },
};
