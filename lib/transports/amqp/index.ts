// The RabbitMQ transport, for those who make it themselves or use its stamps: `nestjs-messenger/amqp`.
export { AmqpTransport } from './amqp.transport.js';
export { AmqpTransportFactory, type AmqpTransportFactorySetup } from './amqp.transport-factory.js';
export { AmqpPriorityStamp, AmqpReceivedStamp, AmqpStamp } from './amqp.stamps.js';
export type { AmqpOptions } from './amqp.options.js';
