import { DelayStamp, MessageBus, MessengerModule } from 'nestjs-messenger';

import { OrderPlaced } from '../../harness/bench-message.mjs';
import { bootApp } from './messenger-app.mjs';

/**
 * An application that dispatches to one transport.
 *
 * @param {string} dsn
 * @returns {Promise<import('../../types.d.ts').Producer>}
 */
export async function openMessengerProducer(dsn) {
  const messenger = MessengerModule.forRoot({
    transports: { async: dsn },
    routing: [[OrderPlaced, 'async']],
  });
  const app = await bootApp([messenger], []);
  const bus = app.get(MessageBus);
  return {
    send: (message) => bus.dispatch(message),
    sendAll: (messages) => bus.dispatchAll(messages),
    sendLater: (message, delay) => bus.dispatch(message, [new DelayStamp(delay)]),
    close: () => app.close(),
  };
}
