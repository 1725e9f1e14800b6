import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { idsInText } from '../app/messages.js';
import { type RigKind } from './chaos-rig.js';
import { queryString } from './naming.js';

const LEASE_S = 1;

/** The memory of this process: only its own application has the messages. */
export const inMemoryRig: RigKind = {
  transport: 'in-memory',
  open: ({ query: ofRig }) =>
    Promise.resolve({
      transport: 'in-memory',
      redeliveryMs: LEASE_S * 1000,
      settlingMs: 0,
      answersSettlements: true,
      requeuesAtomically: true,
      proxy: undefined,
      broker: undefined,
      dsn: (_queue, query) =>
        `in-memory://?${queryString({ redeliver_timeout: LEASE_S, serialize: 'true' }, ofRig, query)}`,
      async idsIn(queue, app) {
        const transport = (await app()).get(TransportRegistry).get(queue);
        const stored = transport instanceof InMemoryTransport ? transport.queue : [];
        return stored.flatMap(({ message }) => idsInText(JSON.stringify(message)));
      },
      dispose: () => Promise.resolve(),
    }),
};
