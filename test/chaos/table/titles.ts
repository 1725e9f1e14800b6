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

const IN_TROUBLE = {
  file: '06-broker-in-trouble',
  title: 'scenarios 6 to 10, 32 and 33: a broker in trouble',
} as const;

export const SCENARIO_6 = {
  ...IN_TROUBLE,
  restarted:
    'that is restarted while a worker waits has it back within ten seconds; meanwhile it was not ready',
} as const;

export const SCENARIO_7 = {
  ...IN_TROUBLE,
  inHand: 'that crashes while a message is in hand loses none, and late settlements end no worker',
} as const;

export const SCENARIO_8 = {
  ...IN_TROUBLE,
  away: 'that is away when an application starts is used once it is there: until then dispatches reject and the worker is not ready',
} as const;

export const SCENARIO_9 = {
  ...IN_TROUBLE,
  silent: 'that falls silent on open connections is given up, and used again when it speaks',
} as const;

export const SCENARIO_10 = {
  ...IN_TROUBLE,
  unconfirmed: 'that is frozen before it confirms makes a dispatch reject, as one that may have been sent',
} as const;

export const SCENARIO_32 = {
  ...IN_TROUBLE,
  full: 'that is full, or may not write, makes dispatches reject; what was accepted is handled when it has room',
} as const;

export const SCENARIO_33 = {
  ...IN_TROUBLE,
  password:
    'that wants another password lets open connections go on, and its messages to a worker that knows it',
} as const;

export const ANOTHER_AUTHORITY = {
  file: '33-another-authority',
  title: 'scenario 33: a server whose certificate is replaced by one of another authority',
  refused: 'keeps its open connections, is then refused by name, and used again when it shows the right one',
} as const;

export const READ_ONLY_FILE = {
  file: '32-read-only-file',
  title: 'scenario 32: a file that may not be written',
  readOnly: 'makes dispatches reject; what was accepted is handled when it may be written again',
  fullDisk:
    'SQLite transport > refuses what a full disk has no room for, and hands out and takes off what is there',
} as const;

export const SCENARIO_23 = {
  file: '23-delivered-twice',
  title: 'scenario 23: a message that two workers have at the same time',
  once: 'is handled by one: the other waits, skips its idempotent handler, and both acknowledge',
} as const;

export const SCENARIO_29 = {
  file: '29-failure-transport-away',
  title: 'scenario 29: a failure transport that cannot be reached',
  kept: 'lets a failed message stay where it is, is tried again after five seconds, and has it then; others are handled',
} as const;

export const SCENARIO_14 = {
  undone: (database: string) =>
    `a settlement that deadlocks with a transaction of somebody else > is undone by ${database} and made again`,
} as const;

export const SCENARIO_5_ORDER = {
  file: '05-relay-keeps-order',
  title: 'scenario 5: a relay that is killed before it has sent anything',
  inOrder: 'leaves all to its successor, which sends them once and in their order',
} as const;

export const SCENARIO_15 = {
  file: '15-always-throws',
  title: 'scenario 15: a handler that always throws',
  failed:
    'is called with growing pauses, then its message is in the failure transport with its error; others pass it',
} as const;

export const SCENARIO_25 = {
  file: '25-blocked-event-loop',
  title: 'scenario 25: a handler that blocks the event loop for longer than its lease',
  takenOver:
    'has its message taken over, cannot settle it, and is named; nothing that was read ahead is begun',
} as const;

export const SCENARIO_26 = {
  file: '26-clock-is-set',
  title: 'scenario 26: the clock of a machine that is set',
  back: 'back by ten minutes keeps its workers from nothing that comes, or comes again',
  forward: 'forward by ten minutes makes nothing come early, and takes nothing from who has it',
  forwardHere:
    'forward by ten minutes loses nothing; what is in hand may come once more, and then its first handler is told',
} as const;

export const SCENARIO_27 = {
  file: '27-told-to-stop-in-a-batch',
  title: 'scenario 27: a worker that is told to stop in the middle of a batch',
  finishes: 'finishes that and what it has begun, and gives back the rest as it was',
  again: 'and is told again ends at once: what the batch has settled is done, and another one does the rest',
} as const;

export const SCENARIO_28 = {
  file: '28-hanging-handler',
  title: 'scenario 28: a handler that hangs, and does not listen to its signal',
  timeOut: 'has failed when its time is over, and the messages behind it and its retry are handled',
  stops:
    'and has all the time in the world does not keep its worker from stopping: its message goes to another',
} as const;

export const SCENARIO_30 = {
  file: '30-retry-storm',
  title: 'scenario 30: many messages that fail, and are retried, at once',
  spread: 'come back spread over time, each once, and are overtaken by what has priority',
} as const;

export const SCENARIO_31 = {
  file: '31-two-schedulers',
  title: 'scenario 31: two schedulers that both send the message of a time',
  once: 'under an id of that time have it handled once by an idempotent handler, however long one is behind',
} as const;

export const SCENARIO_39 = {
  file: '39-many-delayed',
  title: 'scenario 39: very many messages that are delayed',
  wait: 'do not hold up what is due, nor do they fill the memory of a worker',
} as const;
