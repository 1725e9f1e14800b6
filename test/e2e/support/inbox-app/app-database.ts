import type { TransactionRunner } from '../../../../lib/inbox/transaction-runner.js';

/** The database of the application, which holds its deposits beside the messages. */
export interface AppDatabase {
  /** Transactions that the application opens, on connections of its own. */
  readonly transactions: TransactionRunner;
  /** The DSN of a queue. */
  dsn(queue: string): string;
  /** Makes the table of deposits. */
  create(): Promise<void>;
  deposit(transaction: object, number: number, amount: number): Promise<void>;
  /** The numbers of the deposits that were made, in order. */
  deposits(): Promise<readonly number[]>;
  /** Removes what is on a server, and closes connections. */
  remove(): Promise<void>;
}
