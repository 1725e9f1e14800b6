import type { Protection } from '../scenario.js';
import { SCENARIO_16 } from '../titles.js';
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
];
