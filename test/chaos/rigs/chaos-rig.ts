import type { INestApplicationContext } from '@nestjs/common';
import type { FaultProxy } from '../../integration/redis/support/fault-proxy.js';
import type { Interval } from '../ledger/history.js';

/** The transports that have a rig. */
export const RIG_TRANSPORTS = ['in-memory', 'sqlite', 'redis', 'amqp', 'postgres', 'mysql'] as const;

export type RigTransport = (typeof RIG_TRANSPORTS)[number];

/** How a rig is set up. */
export interface RigOptions {
  /** The file of SQLite is made there. */
  readonly folder: string;
  /** A server of its own, which may be stopped: takes seconds. @default false: the one that tests share */
  readonly ownBroker?: boolean;
  /** The DSNs speak TLS with the server of its own, and compare its certificate with its authority. @default false */
  readonly tls?: boolean;
  /** The DSNs go through a {@link FaultProxy}. @default false */
  readonly proxied?: boolean;
  /** Messages are left that are delayed for long; their queues are looked for, and removed, which takes a second. @default false */
  readonly leavesDelayed?: boolean;
  /** More parameters of all its DSNs; they win over those of the rig. */
  readonly query?: Readonly<Record<string, string | number>>;
}

/** A server of which a test may do what it likes. */
export interface OwnBroker {
  /** Ends it in good order, or as a crash would. */
  stop(how: 'orderly' | 'crash'): Promise<void>;
  /** Resolves when it takes connections. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open, and nothing answers. */
  pause(): void;
  resume(): void;
  /** Lets a user in, with this password and no other. It may do what an application needs. Open connections stay. */
  admit(user: string, password: string): Promise<void>;
  /** Takes no message until it is told to, as with a full disk; those of users that {@link admit} let in. */
  setFull(isFull: boolean): Promise<void>;
  /** Shows to those who connect from now on a certificate of its authority, or one of another. Needs `tls`. Open connections stay. */
  certify(by: 'authority' | 'stranger'): Promise<void>;
}

/** Where the messages of one run are, and what can be done to that place. Nobody else has its queues. */
export interface ChaosRig {
  readonly transport: RigTransport;
  /**
   * How long a message of a paused or killed worker may take to be delivered again, in milliseconds: its lease and the look
   * after it.
   */
  readonly redeliveryMs: number;
  /** See `Interruptions`. */
  readonly settlingMs: number;
  /** Whether the broker tells that a settlement came too late. */
  readonly answersSettlements: boolean;
  /** Whether a retry takes the place of its original in one step. */
  readonly requeuesAtomically: boolean;
  /** Between the DSNs and the server, if that was asked for. SQLite has none. */
  readonly proxy: FaultProxy | undefined;
  /** If that was asked for. SQLite has none. */
  readonly broker: OwnBroker | undefined;
  /**
   * The DSN of a queue.
   *
   * @param query more parameters; they win over all others.
   */
  dsn(queue: string, query?: Readonly<Record<string, string | number>>): string;
  /**
   * The ids of the messages in a queue, whatever their state, read from the store without the library.
   *
   * @param app that of the run, for what is nowhere else.
   */
  idsIn(queue: string, app: () => Promise<INestApplicationContext>): Promise<readonly string[]>;
  /** Whether nothing is left in these queues, if {@link ChaosRig.idsIn} does not see what is in hand or on its way. */
  isEmpty?(queues: readonly string[]): Promise<boolean>;
  /** Removes what the rig has made. Idempotent. */
  dispose(): Promise<void>;
}

/** Makes rigs of one transport. */
export interface RigKind {
  readonly transport: RigTransport;
  open(options: RigOptions): Promise<ChaosRig>;
}

/** A DSN with another user. */
export function asUser(dsn: string, user: string, password: string): string {
  const url = new URL(dsn);
  [url.username, url.password] = [user, password];
  return url.href;
}

/** Stops the broker, does something meanwhile, and starts it again. Resolves with the time it was away. */
export async function outage(
  broker: OwnBroker,
  how: 'orderly' | 'crash',
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<Interval> {
  const from = Date.now();
  await broker.stop(how);
  await meanwhile();
  await broker.start();
  return { from, to: Date.now() };
}
