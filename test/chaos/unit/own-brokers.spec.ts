import { describe, expect, it } from 'vitest';
import { Plain } from '../app/messages.js';
import { CHAOS_DEADLINE_MS, ChaosRun } from '../chaos-run.js';
import { faultsIn, NO_FAULT } from '../ledger/verdicts.js';
import { AMQP_START_MS } from '../rigs/amqp.rig.js';
import { outage } from '../rigs/chaos-rig.js';
import { rigs } from '../rigs/rigs.js';

describe('a rig with a broker of its own, behind a proxy', () => {
  for (const rig of rigs('redis', 'amqp', 'postgres', 'mysql')) {
    it(
      `keeps what was accepted on ${rig.transport} when that is killed, and forwards to it when it is back`,
      async () => {
        const run = await ChaosRun.start(rig, { rig: { ownBroker: true, proxied: true } });
        const messages = run.messages(Plain, 3);
        expect(await run.dispatch(...messages)).toEqual([]);
        const { broker, proxy } = run.rig;
        if (broker === undefined || proxy === undefined) {
          throw new TypeError('The rig has neither.');
        }
        run.outages.push(await outage(broker, 'crash'));
        const { waiting } = await run.leftovers();
        expect(waiting.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
        await run.worker();
        await run.handled(messages);

        expect(faultsIn(await run.verdicts())).toEqual(NO_FAULT);
        expect(proxy.accepted).toBeGreaterThan(1);
      },
      2 * AMQP_START_MS + CHAOS_DEADLINE_MS,
    );
  }
});
