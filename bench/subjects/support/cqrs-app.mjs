import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';

/** Boots an application with @nestjs/cqrs and one handler. */
export async function bootCqrs(handler) {
  class AppModule {}
  Module({ imports: [CqrsModule.forRoot()], providers: [handler] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return app.init();
}
