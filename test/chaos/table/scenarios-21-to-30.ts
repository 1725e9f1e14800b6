import { each, ENDS_WITH_ITS_PROCESS, inScenario, notApplicable, on } from './coverage.js';
import type { Scenario } from './scenario.js';
import { everywhere, FORGED, forged, STRANGE, strange } from './strange-messages.js';
import { SCENARIO_24 } from './titles.js';

const USUAL = ['sqlite', 'redis', 'amqp', 'postgres'] as const;

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
  { number: 23, title: 'Two workers have the same message at the same time', on: on({}) },
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
  { number: 29, title: 'The failure transport, or the store of an outbox, cannot be reached', on: on({}) },
  { number: 30, title: 'Thousands of messages fail, and are retried, at once', on: on({}) },
];
