/** Work that is written down step by step. */
export class Job {
  constructor(
    readonly number: number,
    /** Its first run throws. */
    readonly failsFirst: boolean,
    /** It must not run earlier, in epoch milliseconds. */
    readonly notBefore: number,
  ) {}
}

/** Goes to the transport of high priority. */
export class Urgent {
  constructor(readonly number: number) {}
}

/** Goes to the transport of low priority. */
export class Ordinary {
  constructor(
    readonly number: number,
    /** Its handler dispatches an {@link Urgent} one. */
    readonly asksForUrgent = false,
  ) {}
}

/** Nothing is done for it. */
export class Trifle {
  constructor(readonly text: string) {}
}
