import type { Receiver, Sender } from './transport.js';

/** May keep its messages in this process only, and forget them when it ends. */
export interface Ephemeral {
  readonly isEphemeral: boolean;
}

/** Whether it does. One that does not say so keeps them elsewhere. */
export const isEphemeral = (t: Sender | Receiver): boolean => (t as Partial<Ephemeral>).isEphemeral === true;
