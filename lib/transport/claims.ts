import type { Envelope } from '../envelope/envelope.js';
import type { Stamp, StampType } from '../envelope/stamp.js';
import { TransportError } from '../errors/transport.error.js';

/**
 * The stamp in which a transport keeps what it needs to settle an envelope that it has handed out.
 *
 * @throws TransportError when the envelope has none: it was made anew instead of derived.
 */
export function claimOf<S extends Stamp>(
  transportName: string,
  envelope: Envelope,
  stampType: StampType<S>,
): S {
  const stamp = envelope.last(stampType);
  if (stamp === undefined) {
    throw new TransportError(
      transportName,
      `cannot settle a message "${envelope.message.constructor.name}" without the stamp "${stampType.name}" of its ` +
        'reception. Derive envelopes with envelope.with(…) instead of making new ones.',
    );
  }
  return stamp;
}

/**
 * Settles envelopes in terms of their claims.
 *
 * @param claim what `settle` needs of an envelope.
 * @param settle answers, for each claim, whether it still held.
 */
export async function settleClaims<C>(
  envelopes: readonly Envelope[],
  claim: (envelope: Envelope) => C,
  settle: (claims: readonly C[]) => Promise<readonly boolean[]>,
): Promise<{ readonly lost: readonly Envelope[] }> {
  if (envelopes.length === 0) {
    return { lost: [] };
  }
  const held = await settle(envelopes.map(claim));
  return { lost: envelopes.filter((_, index) => held[index] !== true) };
}
