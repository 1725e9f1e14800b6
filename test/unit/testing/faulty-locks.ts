import type { Clock } from '../../../lib/envelope/clock.js';
import { ExpiringLocks } from '../../../lib/transports/in-memory/expiring-locks.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import type { Fault } from './faulty-transports.js';

function withLocks(Locks: new (clock: Clock) => ExpiringLocks): typeof InMemoryTransport {
  return class extends InMemoryTransport {
    override readonly locks = new Locks(this.clock);
  };
}

/** Transports whose locks each have one fault, and a case that has to notice it. */
export const FAULTY_LOCKS: readonly Fault[] = [
  [
    'gives a lock to everybody',
    withLocks(
      class extends ExpiringLocks {
        override acquire = async () => true;
      },
    ),
    'gives a lock to one of many who ask for it at the same time, in several processes',
  ],
  [
    'releases no lock',
    withLocks(
      class extends ExpiringLocks {
        override release = async () => undefined;
      },
    ),
    'gives a lock to another once its owner has released it',
  ],
  [
    'lets anybody release a lock',
    withLocks(
      class extends ExpiringLocks {
        override async release() {
          this.clear();
        }
      },
    ),
    'releases a lock for nobody but its owner',
  ],
  [
    'has locks that do not end',
    withLocks(
      class extends ExpiringLocks {
        override acquire(key: string, token: string) {
          return super.acquire(key, token, Number.POSITIVE_INFINITY);
        }
      },
    ),
    'ends a lock after its time, and its former owner can do nothing to the next',
  ],
  [
    'prolongs no lock',
    withLocks(
      class extends ExpiringLocks {
        readonly #ends = new Map<string, number>();
        override acquire(key: string, token: string, ttl: number) {
          const end = this.#ends.get(token) ?? ttl;
          this.#ends.set(token, end);
          return super.acquire(key, token, end);
        }
      },
    ),
    'prolongs a lock for its owner, from now',
  ],
  [
    'takes upper and lower case for the same',
    withLocks(
      class extends ExpiringLocks {
        override acquire(key: string, token: string, ttl: number) {
          return super.acquire(key.toLowerCase(), token, ttl);
        }
      },
    ),
    'keeps locks apart by their keys, upper and lower case told apart, and from its messages',
  ],
];
