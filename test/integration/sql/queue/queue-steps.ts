import fc from 'fast-check';

/** The queues of a schedule. The last one is in another table. */
export const QUEUES = ['a', 'b', 'other'] as const;

/** How many processes use them. */
export const PROCESSES = 2;

/** In units of time. */
export const LEASE_UNITS = 5;

/** One thing that a process does, or that happens. Delays are in units of time; picks count back from the latest. */
export type Step =
  | {
      readonly do: 'send';
      readonly queue: number;
      readonly process: number;
      readonly delays: readonly number[];
    }
  | {
      readonly do: 'get';
      readonly queue: number;
      readonly process: number;
      readonly max: number;
      /** It is ready to wait, which it must not if something is due. */
      readonly waits: boolean;
    }
  /** Asks for a message by an id that was seen, in whatever queue. */
  | { readonly do: 'claim'; readonly queue: number; readonly process: number; readonly pick: number }
  | {
      readonly do: 'ack' | 'reject' | 'keepalive';
      readonly queue: number;
      readonly process: number;
      readonly picks: readonly number[];
    }
  | {
      readonly do: 'release';
      readonly queue: number;
      readonly process: number;
      readonly picks: readonly number[];
      readonly delay: number;
    }
  | {
      readonly do: 'requeue';
      readonly queue: number;
      readonly process: number;
      readonly picks: readonly number[];
      readonly to: number;
      readonly delay: number;
    }
  /** Both processes get, and one of them acknowledges, at the same time. */
  | {
      readonly do: 'race';
      readonly queue: number;
      readonly process: number;
      readonly max: number;
      readonly picks: readonly number[];
    }
  /** Forgets what it received. */
  | { readonly do: 'crash'; readonly process: number }
  /** Closes its transports, and opens new ones. It still has what it received. */
  | { readonly do: 'reopen'; readonly process: number }
  | { readonly do: 'wait'; readonly units: number };

/** Without `__proto__: null`, which would show in every report. */
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true });

/** Mostly the first: what is spread over all of them seldom meets. */
const queue = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat(QUEUES.length - 1) },
);
const process = fc.nat(PROCESSES - 1);
const max = fc.integer({ min: 1, max: 5 });
const delay = fc.oneof(fc.constant(0), fc.nat(2 * LEASE_UNITS));
const picks = fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 4 });
const where = { queue, process };

const STEPS: ReadonlyArray<readonly [weight: number, step: fc.Arbitrary<Step>]> = [
  [
    5,
    record({
      do: fc.constant('send' as const),
      ...where,
      delays: fc.array(delay, { minLength: 1, maxLength: 4 }),
    }),
  ],
  [6, record({ do: fc.constant('get' as const), ...where, max, waits: fc.boolean() })],
  [2, record({ do: fc.constant('claim' as const), ...where, pick: fc.nat(9) })],
  [5, record({ do: fc.constantFrom('ack', 'reject', 'keepalive'), ...where, picks })],
  [2, record({ do: fc.constant('release' as const), ...where, picks, delay })],
  [3, record({ do: fc.constant('requeue' as const), ...where, picks, to: queue, delay })],
  [3, record({ do: fc.constant('race' as const), ...where, max, picks })],
  [1, record({ do: fc.constant('crash' as const), process })],
  [1, record({ do: fc.constant('reopen' as const), process })],
  [4, record({ do: fc.constant('wait' as const), units: fc.integer({ min: 1, max: LEASE_UNITS + 2 }) })],
];

/** Random schedules. */
export const schedules: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(...STEPS.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
  { minLength: 40, maxLength: 80, size: 'max' },
);
