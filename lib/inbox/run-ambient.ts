/**
 * Runs `work` so that what it dispatches joins `transaction`.
 *
 * This is where idempotent handling meets the sending side: the wiring passes the one of `Messenger.inTransaction`.
 */
export type RunAmbient = <T>(transaction: object, work: () => Promise<T>) => Promise<T>;

/** For an application whose dispatches join no transaction. */
export const withoutAmbient: RunAmbient = (_, work) => work();
