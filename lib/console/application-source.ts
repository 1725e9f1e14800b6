import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** What Nest can be told when it boots an application without a server. */
export type BootOptions = NonNullable<Parameters<typeof NestFactory.createApplicationContext>[1]>;

/** Makes the application by hand. It has to pass `options` on to `NestFactory.createApplicationContext()`. */
export type ApplicationFactory = (
  options: BootOptions,
) => INestApplicationContext | Promise<INestApplicationContext>;

/** The application a process of ours runs: its root module, or a function that boots it. */
export type ApplicationSource = Type | DynamicModule | Promise<DynamicModule> | ApplicationFactory;

/** Boots the application without a server. Rejects with whatever is wrong in its wiring. */
export async function bootApplication(
  source: ApplicationSource,
  options: BootOptions,
): Promise<INestApplicationContext> {
  return isFactory(source) ? source(options) : NestFactory.createApplicationContext(source, options);
}

/** A module is a class, and a class cannot be called; their source texts tell them apart. */
function isFactory(source: ApplicationSource): source is ApplicationFactory {
  return typeof source === 'function' && !/^class\b/.test(Function.prototype.toString.call(source));
}
