import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AsMessage, MessageHandler } from 'nestjs-messenger';

import { OrderPlaced } from '../../harness/bench-message.mjs';

AsMessage({ name: 'order.placed' })(OrderPlaced);

/** Boots an application as users do, but silent. */
export async function bootApp(imports, providers) {
  const app = await NestFactory.createApplicationContext(defineModule(imports, providers), { logger: false });
  return app.init();
}

/** The root module that an application's author would write with decorators. */
export function defineModule(imports, providers) {
  class AppModule {}
  Module({ imports, providers })(AppModule);
  return AppModule;
}

/** A handler class around the function under test. */
export function handlerFor(handle) {
  class SendConfirmation {
    handle(message) {
      return handle(message);
    }
  }
  MessageHandler(OrderPlaced)(SendConfirmation);
  return SendConfirmation;
}
