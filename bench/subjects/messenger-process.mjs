/** @type {import('../types.d.ts').Subject} */
export default {
  name: 'messenger-process',
  transport: 'process',
  kind: 'own',
  about: 'MessageBus.dispatch with the default middleware in a Nest application',
  roles: {
    async dispatch(handle) {
      const { MessageBus, MessengerModule } = await import('nestjs-messenger');
      const { bootApp, handlerFor } = await import('./support/messenger-app.mjs');
      const app = await bootApp([MessengerModule.forRoot({})], [handlerFor(handle)]);
      const bus = app.get(MessageBus);
      return (message) => bus.dispatch(message);
    },
  },
};
