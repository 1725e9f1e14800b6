import { NestFactory } from '@nestjs/core';
import type { CrashPoint } from '../../fixtures/outbox-app/crash-point.js';
import {
  OutboxAppModule,
  type OutboxAppOptions,
  type OutboxAppServers,
} from '../../fixtures/outbox-app/outbox-app.module.js';
import { placeOrders } from '../../fixtures/outbox-app/place-orders.js';
import { AppPlayground } from './app-playground.js';
import type { Exit, Spawned } from './spawned.js';
import { until } from './until.js';

/** A message as it lies in a queue. */
export interface StoredOrder {
  readonly sequence: number;
  readonly customer: string;
  /** That of its `MessageIdStamp`. */
  readonly id: string;
}

/** Looks into the places of the application from outside. */
export interface OutboxAppPlaces {
  /** The orders that were committed, in the order of the commits. */
  committed(): Promise<readonly number[]>;
  /** What is in the outbox still. */
  waiting(): Promise<readonly StoredOrder[]>;
  /** What has arrived at the target, in order, unless it was handled. */
  arrived(): Promise<readonly StoredOrder[]>;
}

/** Processes with an outbox. */
export class OutboxPlayground extends AppPlayground<OutboxAppOptions> {
  readonly #options: OutboxAppOptions;

  constructor(servers?: OutboxAppServers) {
    const producer = (options: OutboxAppOptions) => OutboxAppModule.in(options);
    const more = servers === undefined ? {} : { servers };
    super({ path: 'test/fixtures/outbox-app', producer }, (folder) => ({ folder, ...more }));
    this.#options = { folder: this.folder, ...more };
  }

  /** Places orders from this process. */
  async place(first: number, count: number): Promise<void> {
    const module = OutboxAppModule.in(this.#options);
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    await placeOrders(
      app,
      this.#options,
      Array.from({ length: count }, (_, index) => first + index),
    );
    await app.close();
  }

  /** Places ten orders from another process, which is killed at the fifth. */
  placeAndCrash(first: number, crashAt: CrashPoint): Promise<Exit> {
    return this.#spawnAt('producer.js', [String(first), '10'], crashAt).exited();
  }

  /** A worker on `db`, in which nothing but the relay has anything to do. */
  relay(crashAt?: CrashPoint): Spawned {
    return this.#spawnAt('worker.js', ['db'], crashAt);
  }

  consumer(crashAt?: CrashPoint): Spawned {
    return this.#spawnAt('worker.js', ['async'], crashAt);
  }

  async forwarded(places: OutboxAppPlaces): Promise<void> {
    await until('everything is forwarded', async () => (await places.waiting()).length === 0);
  }

  #spawnAt(script: string, args: readonly string[], crashAt: CrashPoint | undefined): Spawned {
    return this.spawn(script, args, crashAt === undefined ? {} : { E2E_CRASH_AT: crashAt });
  }
}

/** A message as it is stored, as a text of its body and one that has its headers. */
export function storedOrderOf(body: string, headers: string): StoredOrder {
  const { sequence, customer } = JSON.parse(body) as Omit<StoredOrder, 'id'>;
  const [, id = ''] = /MessageIdStamp":"\[\{\\"id\\":\\"([0-9a-f-]+)/.exec(headers) ?? [];
  return { sequence, customer, id };
}
