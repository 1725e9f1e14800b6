import { AppPlayground } from './app-playground.js';
import { RedisAppModule } from './redis-app/redis-app.module.js';
import type { RedisAppOptions } from './redis-app/redis-app.options.js';

/** How long a wait may take: on a busy machine an application needs many seconds to boot. */
export const REDIS_DEADLINE_MS = 45_000;

/** Where a {@link RedisPlayground} keeps its messages. */
export interface RedisPlaceOptions extends Pick<RedisAppOptions, 'maxDeliveries'> {
  /** What the names of its streams begin with; nobody else may use it. */
  readonly stream: string;
  /** The DSN of a stream. */
  readonly dsnOf: (stream: string) => string;
}

/** A folder, an application in this process that dispatches to Redis, and processes that consume. */
export class RedisPlayground extends AppPlayground<RedisAppOptions> {
  constructor({ stream, dsnOf, ...options }: RedisPlaceOptions) {
    const dsns = {
      async: dsnOf(stream),
      high: dsnOf(`${stream}-high`),
      low: dsnOf(`${stream}-low`),
      failed: dsnOf(`${stream}-failed`),
    };
    const producer = (given: RedisAppOptions) => RedisAppModule.in(given);
    const fixture = { path: 'test/e2e/support/redis-app', producer, deadlineMs: REDIS_DEADLINE_MS };
    super(fixture, (folder) => ({ ...options, folder, dsns }));
  }
}
