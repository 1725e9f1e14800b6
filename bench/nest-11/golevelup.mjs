import 'reflect-metadata';

import { AmqpConnection, RabbitMQModule, RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** An application that publishes to one queue: the connection, and how to close the application. */
export async function openConnection(server, name) {
  const app = await boot(rabbitMq(server, name), []);
  return { connection: app.get(AmqpConnection), close: () => app.close() };
}

/** An application that handles what is in the queue, `prefetch` messages at a time. */
export async function startSubscriber(server, name, prefetch, handle) {
  class SendConfirmation {
    handle(message) {
      return handle(message);
    }
  }
  const subscribe = RabbitSubscribe({ exchange: name, routingKey: name, queue: name });
  const { prototype } = SendConfirmation;
  subscribe(prototype, 'handle', Object.getOwnPropertyDescriptor(prototype, 'handle'));
  await boot(rabbitMq(server, name, { prefetchCount: prefetch }), [SendConfirmation]);
}

/** One durable queue, which has the name of its exchange and of its routing key. */
function rabbitMq(server, name, options = {}) {
  return RabbitMQModule.forRoot({
    uri: server,
    exchanges: [{ name, type: 'direct' }],
    queues: [{ name, exchange: name, routingKey: name }],
    ...options,
  });
}

async function boot(rabbitMqModule, providers) {
  class AppModule {}
  Module({ imports: [rabbitMqModule], providers })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return app.init();
}
