import type { TransportFeature } from './transport-features.js';
import type { Trial } from './trial.js';

/** A case of the suite, before it is bound to a transport. */
export interface CaseDefinition {
  /** Completes `the transport …`. */
  readonly name: string;
  /** Left out for a transport that lacks one of these. @default none */
  readonly needs?: readonly TransportFeature[];
  /** `short` for a case that lets leases run out. @default 'long', so that a slow machine loses none */
  readonly lease?: 'short' | 'long';
  run(trial: Trial): Promise<void>;
}
