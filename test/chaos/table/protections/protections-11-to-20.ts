import { CHAOS_TRANSPORTS, type Protection } from '../scenario.js';
import { SCENARIO_15, SCENARIO_16 } from '../titles.js';
import { tests, USUAL } from './scenario-tests.js';

export const PROTECTIONS_11_TO_20: readonly Protection[] = [
  {
    scenario: 16,
    what: 'Deliveries are counted, and limited',
    edits: [
      {
        file: 'lib/middleware/reject-redelivered-message.middleware.ts',
        find: 'return deliveryCount > this.#maxDeliveries\n',
        replace: 'return deliveryCount < 0\n',
      },
    ],
    tests: tests(SCENARIO_16, USUAL, SCENARIO_16.limited),
  },
  {
    scenario: 15,
    what: 'Retries are limited',
    edits: [
      {
        file: 'lib/retry/multiplier.retry-strategy.ts',
        find: 'return retriesOf(envelope) < this.options.maxRetries;',
        replace: 'return retriesOf(envelope) < Number.POSITIVE_INFINITY;',
      },
    ],
    tests: tests(SCENARIO_15, CHAOS_TRANSPORTS, SCENARIO_15.failed),
  },
  {
    scenario: 15,
    what: 'Retries wait longer each time',
    edits: [
      {
        file: 'lib/retry/multiplier.retry-strategy.ts',
        find: 'delay * multiplier ** retriesOf(envelope)',
        replace: 'delay * multiplier ** 0',
      },
    ],
    tests: tests(SCENARIO_15, CHAOS_TRANSPORTS, SCENARIO_15.failed),
  },
];
