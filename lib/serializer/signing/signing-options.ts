import type { MessageClass } from '../../message/message-class.js';

/** One secret that messages are signed with, or were. */
export interface SigningKeyOptions {
  /** At least 32 bytes that nobody can guess, such as what `openssl rand -base64 32` prints. */
  readonly secret: string;
  /** The name of the key on each message. It is no secret. @default a name made of the secret, which does not give it away */
  readonly id?: string;
}

/** How messages are signed: the option `signing` of the module. Either `secret` or `keys` is required. */
export interface SigningOptions {
  /** The only key, as `keys: [{ secret }]`. */
  readonly secret?: string;
  /** The first key signs, all of them are accepted: that is how one takes the place of another. */
  readonly keys?: readonly SigningKeyOptions[];
  /**
   * For how many milliseconds after it was signed, or was due if that is later, a message is accepted. Longer than messages
   * ever have to wait. @default no limit
   */
  readonly maxAge?: number;
  /** How far apart the clocks of two hosts may be, in milliseconds, where a time is checked. @default 60000 */
  readonly clockSkew?: number;
  /**
   * Types that are signed on every transport, and refused without a signature, besides those of handlers with `sign: true`:
   * for an application that sends them without handling them. @default []
   */
  readonly messages?: readonly MessageClass[];
}

/** How the messages of one transport are signed. */
export interface TransportSigningOptions {
  /**
   * The name that stands in each signature, so that a message signed for one transport is refused by another. For applications
   * that share a queue and call the transport differently. @default the name of the transport
   */
  readonly as?: string;
  /**
   * `false` accepts messages without a signature as well, while some applications do not sign yet. It protects from nothing,
   * since a signature can be taken away. @default true
   */
  readonly required?: boolean;
  /**
   * Signs in the way of Symfony Messenger as well, and accepts what it has signed: body, type and its own stamps. `'body'` is the
   * older way, which covers the body alone; both are accepted then. @default false
   */
  readonly symfony?: boolean | 'body';
}
