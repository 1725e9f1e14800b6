import { perFile } from '../../integration/redis/support/lifetime.js';
import type { ChaosRig, OwnBroker, RigKind, RigOptions } from './chaos-rig.js';
import type { FaultProxy } from '../../integration/redis/support/fault-proxy.js';

/** A server of its own, behind a proxy, for all tests of a `describe`. */
export interface OwnServer {
  /** Rigs with queues of their own on the server. */
  readonly kind: RigKind;
  readonly broker: OwnBroker;
  readonly proxy: FaultProxy;
}

/** Starts the server once, since that takes seconds. It ends with the `describe` that this is called in. */
export function ownServerOf(kind: RigKind, options: Pick<RigOptions, 'query' | 'tls'>): () => OwnServer {
  const opened = perFile(async (lifetime) => {
    const rig = await kind.open({ folder: '', ownBroker: true, proxied: true, ...options });
    lifetime(() => rig.dispose());
    return rig;
  });
  let rigs = 0;
  return () => {
    const rig = opened();
    return {
      kind: { transport: kind.transport, open: () => Promise.resolve(sharing(rig, ++rigs)) },
      broker: defined(rig.broker),
      proxy: defined(rig.proxy),
    };
  };
}

/** The rig under other names of queues. */
function sharing(rig: ChaosRig, number: number): ChaosRig {
  return {
    ...rig,
    dsn: (queue, query) => rig.dsn(`${queue}${number}`, query),
    idsIn: (queue, app) => rig.idsIn(`${queue}${number}`, app),
    // What is in them ends with the server.
    dispose: () => Promise.resolve(),
  };
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new TypeError('A rig that has no server cannot have one of its own.');
  }
  return value;
}
