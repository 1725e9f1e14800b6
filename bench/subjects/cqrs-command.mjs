/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'cqrs-command',
  transport: 'process',
  kind: 'peer',
  about: '@nestjs/cqrs CommandBus.execute in a Nest application',
  roles: {
    async dispatch(handle) {
      const { CommandBus, CommandHandler } = await import('@nestjs/cqrs');
      const { OrderPlaced } = await import('../harness/bench-message.mjs');
      const { bootCqrs } = await import('./support/cqrs-app.mjs');
      class PlaceOrder {
        execute(message) {
          return handle(message);
        }
      }
      CommandHandler(OrderPlaced)(PlaceOrder);
      const app = await bootCqrs(PlaceOrder);
      const bus = app.get(CommandBus);
      return (message) => bus.execute(message);
    },
  },
};
