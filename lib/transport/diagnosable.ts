import type { Finding } from './finding.js';
import type { Receiver, Sender } from './transport.js';

/** Can look for what may lose messages: in its settings, in its broker, and in what is stored there. */
export interface Diagnosable {
  /**
   * Connects and looks, without changing anything. Called by the command `doctor`.
   *
   * @returns what it found; nothing if all is well.
   * @throws TransportError when the broker cannot be reached.
   */
  diagnose(): Promise<readonly Finding[]>;
}

export const isDiagnosable = <T extends Sender | Receiver>(t: T): t is T & Diagnosable =>
  typeof (t as Partial<Diagnosable>).diagnose === 'function';
