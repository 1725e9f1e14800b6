import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  BusRegistry,
  InjectTransport,
  type MessengerAsyncOptions,
  MessengerModule,
  type Transport,
  TransportRegistry,
} from 'nestjs-messenger';
import { describe, expect, it } from 'vitest';

@Injectable()
class Config {
  readonly dsn = 'in-memory://';
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

async function boot(options: MessengerAsyncOptions) {
  @Injectable()
  class User {
    constructor(@InjectTransport('async') readonly transport: Transport) {}
  }
  const app = await Test.createTestingModule({
    imports: [MessengerModule.forRootAsync(options)],
    providers: Object.values(options.transports ?? []).includes('async') ? [User] : [],
  }).compile();
  await app.init();
  await app.close();
  return app;
}

const factory = (config: Config) => Promise.resolve({ transports: { async: config.dsn } });

describe('forRootAsync', () => {
  it('takes the names beside the factory, everything else from it', async () => {
    const app = await boot({
      imports: [ConfigModule],
      inject: [Config],
      useFactory: factory,
      transports: ['async'],
    });

    expect(app.get(TransportRegistry).names()).toEqual(['async']);
    expect(app.get(BusRegistry).names()).toEqual(['default']);
  });

  it('takes the names of buses too', async () => {
    const app = await boot({
      useFactory: () => ({ buses: { command: {}, event: {} }, defaultBus: 'event' }),
      buses: ['command', 'event'],
    });

    expect(app.get(BusRegistry).default.name).toBe('event');
  });

  it('refuses names that the factory did not return', async () => {
    await expect(
      boot({
        imports: [ConfigModule],
        inject: [Config],
        useFactory: factory,
        transports: ['async', 'failed'],
      }),
    ).rejects.toMatchObject({
      code: 'MESSENGER_ASYNC_NAMES_MISMATCH',
      message:
        'MessengerModule.forRootAsync(): "transports" and what useFactory returned differ. ' +
        'Let useFactory return "failed", or remove it from "transports". ' +
        'The names must be known before the factory runs.',
    });
  });

  it('refuses names that the factory returned and that were not given', async () => {
    await expect(
      boot({ imports: [ConfigModule], inject: [Config], useFactory: factory }),
    ).rejects.toMatchObject({
      code: 'MESSENGER_ASYNC_NAMES_MISMATCH',
      unannounced: ['async'],
      message: expect.stringContaining('Add "async" to "transports" beside useFactory') as string,
    });
    await expect(boot({ useFactory: () => ({ buses: { command: {} } }) })).rejects.toMatchObject({
      option: 'buses',
      unannounced: ['command'],
      missing: ['default'],
    });
  });

  it('passes on what the factory throws', async () => {
    await expect(boot({ useFactory: () => Promise.reject(new Error('no configuration')) })).rejects.toThrow(
      'no configuration',
    );
  });

  it.each<[options: object, code: string, message: string]>([
    [
      { transport: ['async'], useFactory: () => ({}) },
      'MESSENGER_UNKNOWN_OPTION',
      'MessengerModule.forRootAsync(): unknown option "transport". Did you mean "transports"? ' +
        'Known options: "transports", "buses", "imports", "inject", "useFactory".',
    ],
    [
      { transports: { async: 'in-memory://' }, useFactory: () => ({}) },
      'MESSENGER_INVALID_OPTION',
      'MessengerModule.forRootAsync(): option "transports" must be a list, got a value of type "object".',
    ],
    [
      {},
      'MESSENGER_INVALID_OPTION',
      'MessengerModule.forRootAsync(): option "useFactory" must be a function that returns the options of forRoot(), ' +
        'got undefined.',
    ],
    [
      { useFactory: () => undefined },
      'MESSENGER_INVALID_OPTION',
      'MessengerModule.forRootAsync(): option "useFactory" must return the options of forRoot(), it returned undefined.',
    ],
  ])('says at boot what is wrong with %j', async (options, code, message) => {
    await expect(boot(options as unknown as MessengerAsyncOptions)).rejects.toMatchObject({ code, message });
  });
});
