import {
  each,
  ENDS_WITH_ITS_PROCESS,
  inScenario,
  joined,
  notApplicable,
  ofScenario,
  on,
  tested,
} from './coverage.js';
import type { Scenario } from './scenario.js';
import { SCENARIO_23, SCENARIO_24, SCENARIO_29 } from './titles.js';

const WITH_RIG = ['sqlite', 'redis', 'amqp', 'postgres', 'mysql'] as const;

const OUTBOX_AWAY = tested(
  'test/unit/worker/outbox-relay.spec.ts',
  'the relay of an outbox > keeps the order while the target is down, says so once and every 30 s, and goes on',
  'the relay of an outbox > pauses while the outbox cannot be read',
);

const USUAL = ['sqlite', 'redis', 'amqp', 'postgres'] as const;

export const SCENARIOS_21_TO_30: readonly Scenario[] = [
  { number: 21, title: 'The JSON of a message is hostile', on: on({}) },
  { number: 22, title: 'An envelope is forged or tampered with', on: on({}) },
  {
    number: 23,
    title: 'Two workers have the same message at the same time',
    on: on({
      'in-memory': tested(
        'test/unit/inbox/idempotent-handling.spec.ts',
        'an idempotent handler > waits for another delivery that is being handled, and is skipped when that succeeds',
        'an idempotent handler > waits for another delivery that is being handled, and runs when that fails',
      ),
      ...each(WITH_RIG, (transport) => ofScenario(SCENARIO_23, transport, SCENARIO_23.once)),
    }),
  },
  {
    number: 24,
    title: 'A worker is stopped for longer than its lease, and goes on',
    on: on({
      'in-memory': ENDS_WITH_ITS_PROCESS,
      ...each(USUAL, (transport) =>
        inScenario(SCENARIO_24.file, SCENARIO_24.title, transport, SCENARIO_24.refused, SCENARIO_24.told),
      ),
    }),
  },
  { number: 25, title: 'A handler blocks the event loop for longer than its lease', on: on({}) },
  {
    number: 26,
    title: 'Clocks of two machines differ, or one is set',
    on: on({ 'in-memory': notApplicable('There is one process, and so one clock.') }),
  },
  {
    number: 27,
    title: 'A worker is told to end in the middle of a batch, with messages it has not started',
    on: on({}),
  },
  { number: 28, title: 'A handler hangs for ever, and does not listen to its signal', on: on({}) },
  {
    number: 29,
    title: 'The failure transport, or the store of an outbox, cannot be reached',
    on: on({
      'in-memory': joined(
        tested(
          'test/unit/failure/failure-path.spec.ts',
          'when things go wrong while things go wrong > keeps a message whose copy cannot be stored, offers it again later, and goes on with others',
        ),
        OUTBOX_AWAY,
      ),
      // An outbox is in a database, whatever its target is.
      ...each(WITH_RIG, (transport) =>
        joined(ofScenario(SCENARIO_29, transport, SCENARIO_29.kept), OUTBOX_AWAY),
      ),
    }),
  },
  { number: 30, title: 'Thousands of messages fail, and are retried, at once', on: on({}) },
];
