import {
  each,
  ENDS_WITH_ITS_PROCESS,
  inScenario,
  joined,
  ofScenario,
  on,
  tested,
  USUAL,
} from './coverage.js';
import { CHAOS_TRANSPORTS, type Scenario } from './scenario.js';
import { everywhere, FORGED, forged, STRANGE, strange } from './strange-messages.js';
import {
  SCENARIO_23,
  SCENARIO_24,
  SCENARIO_25,
  SCENARIO_26,
  SCENARIO_27,
  SCENARIO_28,
  SCENARIO_29,
  SCENARIO_30,
} from './titles.js';

const OUTBOX_AWAY = tested(
  'test/unit/worker/outbox-relay.spec.ts',
  'the relay of an outbox > keeps the order while the target is down, says so once and every 30 s, and goes on',
  'the relay of an outbox > pauses while the outbox cannot be read',
);

export const SCENARIOS_21_TO_30: readonly Scenario[] = [
  {
    number: 21,
    title: 'The JSON of a message is hostile',
    on: everywhere((transport) => strange(transport, STRANGE.kept, STRANGE.right)),
  },
  {
    number: 22,
    title: 'An envelope is forged or tampered with',
    on: everywhere((transport) => forged(transport, FORGED.refused, FORGED.retried)),
  },
  {
    number: 23,
    title: 'Two workers have the same message at the same time',
    on: on({
      'in-memory': tested(
        'test/unit/inbox/idempotent-handling.spec.ts',
        'an idempotent handler > waits for another delivery that is being handled, and is skipped when that succeeds',
        'an idempotent handler > waits for another delivery that is being handled, and runs when that fails',
      ),
      ...each(USUAL, (transport) => ofScenario(SCENARIO_23, transport, SCENARIO_23.once)),
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
  {
    number: 25,
    title: 'A handler blocks the event loop for longer than its lease',
    on: on({
      'in-memory': joined(
        tested(
          'test/unit/worker/event-loop-watch.spec.ts',
          'an event loop that stood still > is told with the handlers of a message that is finished by then',
        ),
        tested(
          'test/unit/worker/standstill.spec.ts',
          'messages that were read ahead by a worker whose event loop stood still for longer than their lease > are not begun if another worker has them',
        ),
      ),
      ...each(USUAL, (transport) =>
        inScenario(SCENARIO_25.file, SCENARIO_25.title, transport, SCENARIO_25.takenOver),
      ),
    }),
  },
  {
    number: 26,
    title: 'Clocks of two machines differ, or one is set',
    on: on({
      ...each(['in-memory', 'sqlite'], (transport) =>
        inScenario(SCENARIO_26.file, SCENARIO_26.title, transport, SCENARIO_26.back, SCENARIO_26.forwardHere),
      ),
      ...each(['redis', 'amqp', 'postgres', 'mysql'], (transport) =>
        inScenario(SCENARIO_26.file, SCENARIO_26.title, transport, SCENARIO_26.back, SCENARIO_26.forward),
      ),
    }),
  },
  {
    number: 27,
    title: 'A worker is told to end in the middle of a batch, with messages it has not started',
    on: on({
      'in-memory': inScenario(SCENARIO_27.file, SCENARIO_27.title, 'in-memory', SCENARIO_27.finishes),
      ...each(USUAL, (transport) =>
        inScenario(SCENARIO_27.file, SCENARIO_27.title, transport, SCENARIO_27.finishes, SCENARIO_27.again),
      ),
    }),
  },
  {
    number: 28,
    title: 'A handler hangs for ever, and does not listen to its signal',
    on: on(
      each(CHAOS_TRANSPORTS, (transport) =>
        inScenario(SCENARIO_28.file, SCENARIO_28.title, transport, SCENARIO_28.timeOut, SCENARIO_28.stops),
      ),
    ),
  },
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
      ...each(USUAL, (transport) =>
        joined(ofScenario(SCENARIO_29, transport, SCENARIO_29.kept), OUTBOX_AWAY),
      ),
    }),
  },
  {
    number: 30,
    title: 'Thousands of messages fail, and are retried, at once',
    on: on(
      each(CHAOS_TRANSPORTS, (transport) =>
        inScenario(SCENARIO_30.file, SCENARIO_30.title, transport, SCENARIO_30.spread),
      ),
    ),
  },
];
