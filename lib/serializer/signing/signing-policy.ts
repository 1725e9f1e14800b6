import type { SigningKey } from './signing-key.js';
import type { SymfonyForm } from './symfony-signature.js';

/** How one transport signs. */
export interface SigningPolicy {
  /** The name in its signatures. */
  readonly scope: string;
  /** Whether everything that is sent is signed. */
  readonly isSigned: boolean;
  /** Whether everything that is received must be. */
  readonly isRequired: boolean;
  /** Whether the age of a message counts. Not where messages wait for a person. */
  readonly checksAge: boolean;
  /** The oldest way of Symfony that is accepted; `undefined`: none. */
  readonly symfony: SymfonyForm | undefined;
}

/** The keys and times that all transports of an application sign with. */
export interface ResolvedSigning {
  /** The first one signs. */
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  /** Milliseconds; `undefined`: no limit. */
  readonly maxAge: number | undefined;
  /** Milliseconds. */
  readonly clockSkew: number;
}
