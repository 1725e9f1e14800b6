import { AppPlayground } from './app-playground.js';
import { BrokerAppModule } from './broker-app/broker-app.module.js';
import type { BrokerAppOptions } from './broker-app/broker-app.options.js';

/** How long a wait may take: on a busy machine an application needs many seconds to boot. */
export const BROKER_DEADLINE_MS = 45_000;

/** Where a {@link BrokerPlayground} keeps its messages. */
export interface BrokerPlaceOptions extends Pick<BrokerAppOptions, 'maxDeliveries'> {
  /** What the names of its queues, or streams, begin with; nobody else may use it. */
  readonly queue: string;
  /** The DSN of a queue. */
  readonly dsnOf: (queue: string) => string;
}

/** A folder, an application in this process that dispatches to a broker, and processes that consume. */
export class BrokerPlayground extends AppPlayground<BrokerAppOptions> {
  constructor({ queue, dsnOf, ...options }: BrokerPlaceOptions) {
    const dsns = {
      async: dsnOf(queue),
      high: dsnOf(`${queue}-high`),
      low: dsnOf(`${queue}-low`),
      failed: dsnOf(`${queue}-failed`),
    };
    const producer = (given: BrokerAppOptions) => BrokerAppModule.in(given);
    const fixture = { path: 'test/e2e/support/broker-app', producer, deadlineMs: BROKER_DEADLINE_MS };
    super(fixture, (folder) => ({ ...options, folder, dsns }));
  }
}
