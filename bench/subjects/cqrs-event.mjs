/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'cqrs-event',
  transport: 'process',
  kind: 'peer',
  about: '@nestjs/cqrs EventBus.publish in a Nest application; does not wait for the handler',
  roles: {
    async dispatch(handle) {
      const { EventBus, EventsHandler } = await import('@nestjs/cqrs');
      const { OrderPlaced } = await import('../harness/bench-message.mjs');
      const { bootCqrs } = await import('./support/cqrs-app.mjs');
      class SendConfirmation {
        handle(message) {
          return handle(message);
        }
      }
      EventsHandler(OrderPlaced)(SendConfirmation);
      const app = await bootCqrs(SendConfirmation);
      const bus = app.get(EventBus);
      return (message) => bus.publish(message);
    },
  },
};
