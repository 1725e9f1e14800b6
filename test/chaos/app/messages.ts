/** Every message of the chaos application. Its id is its own, so that the ledger does not depend on what it judges. */
export abstract class ChaosMessage {
  constructor(
    /** As `newId()` makes it: so it is found in the bytes of any store. */
    readonly id: string,
    /** Messages of one key are numbered by `sequence`, from 1. */
    readonly key: string = 'all',
    readonly sequence: number = 0,
    /** When it is due, in epoch milliseconds. */
    readonly dueAt: number = 0,
  ) {}
}

/** Its handler writes its effect at once. */
export class Plain extends ChaosMessage {}

/** Is sent to a queue that one worker consumes, one message at a time: keys keep their order. */
export class Keyed extends ChaosMessage {}

/** Is handled in batches. */
export class Batched extends ChaosMessage {}

/** Its first runs throw; then it works. */
export class Flaky extends ChaosMessage {
  constructor(
    id: string,
    key?: string,
    sequence?: number,
    dueAt?: number,
    /** How many runs throw. */
    readonly failures: number = 1,
  ) {
    super(id, key, sequence, dueAt);
  }
}

/** Every run throws. */
export class Poison extends ChaosMessage {}

/** Its handler takes its time, and notes when its signal is aborted. */
export class Slow extends ChaosMessage {
  constructor(
    id: string,
    key?: string,
    sequence?: number,
    dueAt?: number,
    /** In milliseconds. */
    readonly ms: number = 1000,
  ) {
    super(id, key, sequence, dueAt);
  }
}

/** Its handler has failed when it takes longer than 300 milliseconds. */
export class Timed extends ChaosMessage {}

/** Its handler lets the event loop stand still when it is called for the first time. */
export class Busy extends ChaosMessage {
  constructor(
    id: string,
    key?: string,
    sequence?: number,
    dueAt?: number,
    /** In milliseconds. */
    readonly ms: number = 1000,
  ) {
    super(id, key, sequence, dueAt);
  }
}

/** Its handler is idempotent: needs the option `inbox`. */
export class Once extends ChaosMessage {}

/** By the names in which scenarios, and the producer's command line, speak of them. */
export const MESSAGE_TYPES = { Plain, Keyed, Batched, Flaky, Poison, Slow, Timed, Busy, Once } as const;

export type MessageTypeName = keyof typeof MESSAGE_TYPES;

const ID = /chaos-[0-9a-f]{8}-\d+/g;

/** @param run unlike that of any other run: eight hexadecimal digits. */
export function newId(run: string, number: number): string {
  return `chaos-${run}-${number}`;
}

/** The ids in bytes of a store, each once. */
export function idsInText(text: string): readonly string[] {
  return [...new Set(text.match(ID) ?? [])];
}
