import { InvalidOptionError } from '../errors/invalid-option.error.js';
import type { TransportSigningOptions } from '../serializer/signing/signing-options.js';
import type { SigningPolicy } from '../serializer/signing/signing-policy.js';

/** What of a transport decides on how it signs. */
export interface SigningTransport {
  readonly name: string;
  /** What it says itself; `undefined`: nothing. */
  readonly sign: TransportSigningOptions | undefined;
  /** It says `sign: false`. */
  readonly refusesToSign: boolean;
  readonly failureTransport: string | undefined;
}

/**
 * How each transport signs. The failure transport of one that signs does so as well, or whoever can write there would have a
 * way around the signatures: what is retried from there is signed anew.
 *
 * @throws InvalidOptionError for a failure transport that refuses to.
 */
export function signingPolicies(transports: readonly SigningTransport[]): ReadonlyMap<string, SigningPolicy> {
  const isFailureTransport = new Set(transports.map(({ failureTransport }) => failureTransport));
  return new Map(
    transports.map((transport) => {
      const { name, sign = {} } = transport;
      const users = [...usersOf(transport, transports)];
      const signing = [transport, ...users].filter((each) => each.sign !== undefined);
      const [user] = signing;
      if (transport.refusesToSign && user !== undefined) {
        throw new InvalidOptionError(
          `Transport "${name}"`,
          'sign',
          `cannot be false: it is the failure transport of "${user.name}", whose messages are signed. Leave it out`,
        );
      }
      const policy: SigningPolicy = {
        scope: sign.as ?? name,
        isSigned: signing.length > 0,
        isRequired: signing.some((each) => each.sign?.required !== false),
        checksAge: !isFailureTransport.has(name),
        symfony: sign.symfony === true ? 'v2' : sign.symfony === 'body' ? 'body' : undefined,
      };
      return [name, policy];
    }),
  );
}

/** The transports whose failed messages end up in this one, also by way of others. */
function usersOf(
  { name }: SigningTransport,
  transports: readonly SigningTransport[],
): ReadonlySet<SigningTransport> {
  const users = new Set<SigningTransport>();
  const names = new Set([name]);
  for (let before = -1; before < users.size;) {
    before = users.size;
    for (const transport of transports) {
      if (transport.failureTransport !== undefined && names.has(transport.failureTransport)) {
        users.add(transport);
        names.add(transport.name);
      }
    }
  }
  return users;
}
