import { tested, testsOf } from '../coverage.js';
import type { Protection } from '../scenario.js';
import { READ_ONLY_FILE, SCENARIO_32, SCENARIO_33 } from '../titles.js';
import { NEVER_TRIES_AGAIN } from './edits.js';
import { tests } from './scenario-tests.js';

export const PROTECTIONS_31_TO_40: readonly Protection[] = [
  {
    scenario: 32,
    what: 'A worker whose store refuses its claims goes on trying',
    edits: [NEVER_TRIES_AGAIN],
    tests: [
      ...tests(READ_ONLY_FILE, ['sqlite'], READ_ONLY_FILE.readOnly),
      ...tests(SCENARIO_32, ['postgres', 'mysql'], SCENARIO_32.full),
    ],
  },
  {
    scenario: 32,
    what: 'A worker whose broker takes no messages is not ready',
    edits: [
      {
        file: 'lib/worker/worker-health.ts',
        find: 'if (blockedReason !== undefined) {',
        replace: "if (blockedReason === '') {",
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/amqp/own-broker.spec.ts',
        'the health of a worker > is bad while its broker is low on memory, although that answers',
      ),
    ),
  },
  {
    scenario: 33,
    what: 'A worker that is not let in goes on trying',
    edits: [NEVER_TRIES_AGAIN],
    tests: tests(SCENARIO_33, ['redis', 'postgres'], SCENARIO_33.password),
  },
  {
    scenario: 34,
    what: 'RabbitMQ’s refusal of a declaration is explained',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.topology-errors.ts',
        find: 'if (code === 406) {',
        replace: 'if (code === 4060) {',
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/amqp/topology.spec.ts',
        'What exists with other arguments > is named with what differs and how to migrate, and nothing is deleted',
        'What exists with other arguments > is named for an exchange too',
      ),
    ),
  },
  {
    scenario: 35,
    what: 'The end of a channel is noticed, and what was received on it not settled',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.subscription.ts',
        find: "channel.on('close', () => this.#end());",
        replace: "channel.on('close', () => undefined);",
      },
    ],
    tests: testsOf(
      tested(
        'test/integration/amqp/broker-features.spec.ts',
        'a handler that takes longer than the "consumer_timeout" of the broker > has its message taken away, is told why, and settles nothing any more',
      ),
    ),
  },
];
