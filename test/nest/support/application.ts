import 'reflect-metadata';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { MessageBus, MessengerModule, type MessengerOptions } from 'nestjs-messenger';
import { afterEach } from 'vitest';
import { RecordingLogger } from '../../fixtures/core.js';

const opened: INestApplication[] = [];

afterEach(async () => {
  for (const app of opened.splice(0)) {
    await app.close();
  }
});

export interface AppSetup extends Pick<ModuleMetadata, 'imports' | 'providers' | 'exports'> {
  readonly options?: MessengerOptions;
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

/** An application that is compiled, but not initialized. It is closed after the test. */
export async function compileApp({ options, override, imports = [], ...metadata }: AppSetup) {
  const logger = new RecordingLogger();
  const builder = Test.createTestingModule({
    imports: [MessengerModule.forRoot({ logger, ...options }), ...imports],
    ...metadata,
  });
  const module = await (override?.(builder) ?? builder).compile();
  const app = module.createNestApplication({ logger: false });
  opened.push(app);
  return { app, logger, bus: app.get(MessageBus) };
}

/** An application as users have it: initialized. It is closed after the test. */
export async function bootApp(setup: AppSetup) {
  const compiled = await compileApp(setup);
  await compiled.app.init();
  return compiled;
}

/** The error an application fails to boot with. */
export async function bootError(setup: AppSetup): Promise<Error & { readonly code?: string }> {
  try {
    await bootApp(setup);
  } catch (error) {
    return error as Error;
  }
  return new Error('The application boots.');
}
