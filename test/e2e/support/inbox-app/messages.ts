/** Where a worker is to stand still, so that it can be killed there. */
export type Halt = 'before the commit' | 'after the commit' | 'nowhere';

/** Adds to the balance. */
export class Deposit {
  constructor(
    readonly number: number,
    readonly amount: number,
    readonly halt: Halt = 'nowhere',
  ) {}
}
