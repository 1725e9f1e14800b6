/** A transaction that a library has begun. */
export interface Begun {
  /** What an application passes on. */
  readonly handle: object;
  commit(): Promise<unknown>;
  rollback(): Promise<unknown>;
}

/** Something of a library that one might pass by mistake, and how the error names it. */
export interface Mistake {
  readonly given: string;
  readonly handle: object;
}

/** A library with an open connection. */
export interface OpenLibrary {
  begin(): Promise<Begun>;
  readonly mistakes: readonly Mistake[];
  /** Whether it cannot be seen of a transaction which kind of database it is in. */
  readonly hidesDialect?: true;
  close(): Promise<unknown>;
}

/** A library that applications open transactions with. */
export interface Library {
  readonly name: string;
  open(): Promise<OpenLibrary>;
}

const ROLLED_BACK = new Error('The test rolls back.');

/** Begins a transaction of a library that runs a function in it, and holds that function until the test decides. */
export async function beginInCallback<Handle extends object>(
  run: (work: (handle: Handle) => Promise<void>) => Promise<unknown>,
): Promise<Begun> {
  let end: (error?: Error) => void = () => undefined;
  let outcome: Promise<unknown> = Promise.resolve();
  // In an array, since some handles have a method `then`.
  const [handle] = await new Promise<[Handle]>((resolve, reject) => {
    outcome = run(
      (given) =>
        new Promise<void>((done, fail) => {
          end = (error) => (error === undefined ? done() : fail(error));
          resolve([given]);
        }),
    );
    outcome.catch(reject);
  });
  return {
    handle,
    commit: () => {
      end();
      return outcome;
    },
    rollback: () => {
      end(ROLLED_BACK);
      return outcome.catch((error: unknown) => {
        if (error !== ROLLED_BACK) {
          throw error;
        }
      });
    },
  };
}
