import { createHash } from 'node:crypto';

/** What fits into the column of the owner as it is. */
const STORABLE = /^[\x21-\x7e]{1,64}$/;

/** The token of a claim as the column has it: itself, unless the name of the host is long or odd. */
export function storedOwner(token: string): string {
  return STORABLE.test(token)
    ? token
    : `sha256:${createHash('sha256').update(token).digest('hex').slice(0, 56)}`;
}
