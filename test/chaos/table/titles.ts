/** The names that the table and the protections share, of the tests in `test/chaos/scenarios/`. */
export const SCENARIO_1 = {
  file: '01-killed-while-handling',
  title: 'scenario 1: a worker that is killed while its handler runs',
  handedOn: 'leaves the message to another worker, as the same message and a further delivery',
} as const;

export const SCENARIO_2 = {
  file: '02-killed-before-acknowledging',
  title: 'scenario 2: a worker that is killed after its handler finished, and before it acknowledged',
  again: 'lets the message be handled once more, and no other',
  skipped: 'changes nothing for an idempotent handler: the second delivery is skipped and acknowledged',
} as const;

export const SCENARIO_3 = {
  file: '03-killed-while-retrying',
  title: 'scenario 3: a worker that is killed while it replaces a failed message by its retry',
  atomic: 'has done so wholly or not at all: there is one retry',
  before: 'loses nothing if it was killed before',
  copyAndOriginal: 'leaves the original and its copy, which are the same message, and loses neither',
  onlyOriginal: 'leaves the original if it was killed before the copy was stored',
} as const;

export const SCENARIO_16 = {
  file: '16-kills-its-worker',
  title: 'scenario 16: a message that kills every worker that handles it',
  limited: 'goes to the failure transport after the allowed number of deliveries, and the others are handled',
} as const;

export const SCENARIO_24 = {
  file: '24-paused-worker',
  title: 'scenario 24: a worker that was stopped for longer than its lease',
  refused: 'cannot acknowledge a message that another worker is handling by then',
  told: 'tells its handler that the message is not its own any more',
} as const;

export const SCENARIO_4 = {
  file: '04-outbox-producer-killed',
  title: 'scenario 4: a producer with an outbox that is killed',
  committed: 'after its commit has sent the message',
  notCommitted: 'before its commit has sent nothing',
} as const;

export const SCENARIO_5 = {
  file: '05-relay-killed',
  title: 'scenario 5: a relay that is killed',
  midBatch: 'at relay-mid-batch loses nothing, and its successor sends again what was not taken off',
  beforeSettling:
    'at relay-before-settle loses nothing, and its successor sends again what was not taken off',
} as const;
