import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { START_WORKERS } from './tokens.js';

@Module({})
class WithoutWorkersModule {}

@Module({})
class RootModule {}

/**
 * The application as it is, but the workers of the option `workers` do not start: for a process that is there for
 * something else, a console command or a worker of its own.
 */
export function withoutWorkers(appModule: Type<unknown> | DynamicModule): DynamicModule {
  return {
    module: RootModule,
    imports: [
      {
        module: WithoutWorkersModule,
        global: true,
        providers: [{ provide: START_WORKERS, useValue: false }],
        exports: [START_WORKERS],
      },
      appModule,
    ],
  };
}
