/** The transports of the table of scenarios. */
export const CHAOS_TRANSPORTS = ['in-memory', 'sqlite', 'redis', 'amqp', 'postgres', 'mysql'] as const;

export type ChaosTransport = (typeof CHAOS_TRANSPORTS)[number];

/** A test, by its file from the root of the repository and its full name: the titles of its `describe`s and its own, by ` > `. */
export interface ScenarioTest {
  readonly file: string;
  /** As vitest prints it. What `describe.each` and `it.each` fill in is filled in. */
  readonly name: string;
}

/** How a scenario stands with a transport. */
export type Coverage =
  | { readonly tests: readonly ScenarioTest[] }
  /** A sentence that says why the scenario cannot happen there, or is none of the transport's business. */
  | { readonly notApplicable: string }
  /** Not written yet. */
  | { readonly missing: true };

/** One fault, or bad input, that has to be survived. */
export interface Scenario {
  /** 1 to 40. */
  readonly number: number;
  readonly title: string;
  readonly on: Readonly<Record<ChaosTransport, Coverage>>;
}

/** An edit of the library that takes a protection away. */
export interface Protection {
  readonly scenario: number;
  /** What protects, in a few words. */
  readonly what: string;
  /** The edits, all of which are applied. */
  readonly edits: readonly ProtectionEdit[];
  /** Tests that have to fail without it: each of them. */
  readonly tests: readonly ScenarioTest[];
}

export interface ProtectionEdit {
  /** From the root of the repository, in `lib/`. */
  readonly file: string;
  /** Has to be in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}
