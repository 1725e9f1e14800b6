import { type DynamicModule, Inject, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, ModuleRef } from '@nestjs/core';
import { type HandlerRegistration, RegisteredHandlers } from '../discovery/registered-handlers.js';
import { ModuleMissingError } from '../errors/module-missing.error.js';
import type { MessengerAsyncOptions, MessengerOptions } from './messenger-options.js';
import { messengerProviders, type ProviderNames } from './messenger-providers.js';
import { resolveAsyncOptions } from './resolve-async-options.js';
import { DEFAULT_BUS } from './resolve-buses.js';
import { resolveMessengerOptions } from './resolve-options.js';
import { RESOLVED_OPTIONS } from './tokens.js';

/** Holds the handlers of one `forFeature()`. */
@Module({})
class MessengerFeatureModule {
  /** @throws ModuleMissingError without a `forRoot()` somewhere in the application. */
  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    assertConfigured(moduleRef);
  }
}

/**
 * The messenger of an application: buses, transports, workers. Import it once, in the root module; it is global.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     MessengerModule.forRoot({
 *       transports: { async: 'sqlite:var/messenger.db', failed: 'sqlite:var/messenger.db?queue_name=failed' },
 *       failureTransport: 'failed',
 *       routing: [[OrderPlaced, 'async']],
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class MessengerModule {
  /** @throws ModuleMissingError if the bare class is imported, and `forRoot()` nowhere in the application. */
  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    assertConfigured(moduleRef);
  }

  /** What is wrong with the options is thrown when the application boots. */
  static forRoot(options: MessengerOptions = {}): DynamicModule {
    const provider: Provider = {
      provide: RESOLVED_OPTIONS,
      useFactory: () => resolveMessengerOptions(options),
    };
    const { transports, buses } = (options as MessengerOptions | null) ?? {};
    return dynamicModule(provider, { transports: keysOf(transports), buses: keysOf(buses, DEFAULT_BUS) });
  }

  /** With options that other providers know; the names of transports and buses stand beside the factory. */
  static forRootAsync(options: MessengerAsyncOptions): DynamicModule {
    const given = (options as MessengerAsyncOptions | null) ?? ({} as Partial<MessengerAsyncOptions>);
    const provider: Provider = {
      provide: RESOLVED_OPTIONS,
      inject: given.inject ?? [],
      useFactory: (...args: never[]) => resolveAsyncOptions(options, args),
    };
    const { transports, buses, imports } = given;
    const names = { transports: listOf(transports, []), buses: listOf(buses, [DEFAULT_BUS]) };
    return dynamicModule(provider, names, imports);
  }

  /**
   * Registers handlers without a decorator, for providers one cannot edit. The providers may belong to any module. What is
   * wrong with them is thrown when the application boots.
   */
  static forFeature(handlers: readonly HandlerRegistration[]): DynamicModule {
    return {
      module: MessengerFeatureModule,
      providers: [{ provide: RegisteredHandlers, useValue: new RegisteredHandlers(handlers) }],
    };
  }
}

function assertConfigured(moduleRef: ModuleRef): void {
  try {
    moduleRef.get(RESOLVED_OPTIONS, { strict: false });
  } catch {
    // All that Nest says is which token it did not find.
    throw new ModuleMissingError();
  }
}

function dynamicModule(
  options: Provider,
  names: ProviderNames,
  imports: MessengerAsyncOptions['imports'] = [],
): DynamicModule {
  const providers = messengerProviders(options, names);
  return {
    module: MessengerModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    providers,
    exports: providers,
  };
}

/** Whatever was passed, as {@link keysOf}. */
function listOf(value: unknown, fallback: readonly string[]): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : fallback;
}

/** Whatever was passed: what is wrong with it is reported at boot, with the rest. */
function keysOf(value: unknown, ...fallback: readonly string[]): readonly string[] {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return keys.length === 0 ? fallback : keys;
}
