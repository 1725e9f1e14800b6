import type { Envelope } from '../envelope/envelope.js';
import type { Settler } from '../transport/settler.js';
import type { Transport } from '../transport/transport.js';

/**
 * Stores a copy of a received message in `to` and settles the original, in one step where the transport can; else a crash
 * in between leaves both.
 *
 * @throws whatever kept the copy from being stored; the original is not settled then.
 */
export async function replaceByCopy(
  settler: Settler,
  received: Envelope,
  copy: Envelope,
  to: Transport,
): Promise<void> {
  if (settler.canRequeueTo(to)) {
    await settler.requeue({ received, copy, to });
  } else {
    await to.send([copy]);
    await settler.reject(received);
  }
}
