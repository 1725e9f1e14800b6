/** What a failpoint throws that is armed to throw. */
export class InjectedError extends Error {
  override readonly name = 'InjectedError';

  constructor(readonly at: string) {
    super(`The failpoint "${at}" was armed to throw.`);
  }
}
