import { Envelope } from '../envelope/envelope.js';
import { TransportError } from '../errors/transport.error.js';

/** A transport of somebody else may return anything. @throws TransportError */
export function assertEnvelopes(transportName: string, fetched: unknown): readonly Envelope[] {
  if (Array.isArray(fetched) && fetched.every((envelope) => envelope instanceof Envelope)) {
    return fetched;
  }
  throw new TransportError(transportName, 'get() must return a list of envelopes.');
}
