import assert from 'node:assert/strict';
import { isSignalAware, type SignalAware } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { CaseDefinition } from './case-definition.js';

/** How signals reach the processes of an application. */
export const SIGNAL_CASES: readonly CaseDefinition[] = [
  {
    name: 'knows of no signal that nobody has given',
    needs: ['signals'],
    async run({ transport, context }) {
      assert.equal(await signalAware(transport).readSignal(context.queueName), undefined);
    },
  },
  {
    name: 'tells every process when a signal was given last',
    needs: ['signals'],
    async run(trial) {
      const name = trial.context.queueName;
      const second = signalAware(await trial.second());
      await signalAware(trial.transport).writeSignal(name);
      const first = await second.readSignal(name);
      assert.ok(first !== undefined && Number.isFinite(first), `Expected a time, got ${first}.`);
      await trial.pass(20);
      await second.writeSignal(name);
      const last = await signalAware(trial.transport).readSignal(name);
      assert.ok(last !== undefined && last > first, `Expected a time later than ${first}, got ${last}.`);
    },
  },
  {
    name: 'keeps signals apart by their names, and from its messages',
    needs: ['signals'],
    async run(trial) {
      const name = trial.context.queueName;
      await signalAware(trial.transport).writeSignal(name);
      assert.equal(await signalAware(trial.transport).readSignal(`${name}_2`), undefined);
      await trial.receiveNothing();
    },
  },
];

function signalAware(transport: Transport): SignalAware {
  assert.ok(isSignalAware(transport), 'Expected the methods of "SignalAware".');
  return transport;
}
