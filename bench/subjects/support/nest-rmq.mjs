import 'reflect-metadata';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, Ctx, EventPattern, Payload, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';

import { orderFrom } from './order-codec.mjs';

const PATTERN = 'order.placed';

/** @returns {Promise<import('../../types.d.ts').Producer>} */
export async function openClient(server, queue) {
  const options = { ...queueOptions(server, queue), persistent: true };
  const client = ClientProxyFactory.create({ transport: Transport.RMQ, options });
  await client.connect();
  const send = (message) => lastValueFrom(client.emit(PATTERN, message), { defaultValue: undefined });
  return {
    send,
    sendAll: (messages) => Promise.all(messages.map(send)),
    close: () => client.close(),
  };
}

/** A server whose handler acknowledges each message. */
export async function startServer(server, queue, prefetchCount, handle) {
  class Orders {
    async handle(message, context) {
      await handle(orderFrom(message));
      context.getChannelRef().ack(context.getMessage());
    }
  }
  const { prototype } = Orders;
  Payload()(prototype, 'handle', 0);
  Ctx()(prototype, 'handle', 1);
  EventPattern(PATTERN)(prototype, 'handle', Object.getOwnPropertyDescriptor(prototype, 'handle'));
  Controller()(Orders);
  class AppModule {}
  Module({ controllers: [Orders] })(AppModule);
  const options = { ...queueOptions(server, queue), noAck: false, prefetchCount };
  const app = await NestFactory.createMicroservice(AppModule, {
    transport: Transport.RMQ,
    options,
    logger: false,
  });
  await app.listen();
}

function queueOptions(server, queue) {
  return { urls: [server], queue, queueOptions: { durable: true } };
}
