import assert from 'node:assert/strict';
import { isCloseable, isSetupable } from '../../transport/capabilities.js';
import type { CaseDefinition } from './case-definition.js';
import { contentsOf } from './trial.js';

/** Beginning and end. */
export const LIFECYCLE_CASES: readonly CaseDefinition[] = [
  {
    name: 'can be set up again without harm to what it holds',
    needs: ['setup'],
    async run(trial) {
      const { transport } = trial;
      assert.ok(isSetupable(transport), 'Expected the method of "Setupable".');
      await transport.setup();
      await trial.send('a');
      await Promise.all([transport.setup(), transport.setup()]);
      assert.deepEqual(contentsOf(await trial.receive(1)), ['a']);
    },
  },
  {
    name: 'can be closed more than once',
    needs: ['close'],
    async run(trial) {
      const { transport } = trial;
      assert.ok(isCloseable(transport), 'Expected the method of "Closeable".');
      await trial.send('a');
      await Promise.all([transport.close(), transport.close()]);
      await transport.close();
    },
  },
  {
    name: 'can be closed before it was used',
    needs: ['close'],
    async run({ transport }) {
      assert.ok(isCloseable(transport), 'Expected the method of "Closeable".');
      await transport.close();
    },
  },
  {
    name: 'has stored what it had confirmed when it was closed',
    needs: ['close', 'secondConsumer'],
    async run(trial) {
      const second = await trial.second();
      assert.ok(isCloseable(trial.transport));
      await trial.send('a', 'b');
      await trial.transport.close();
      assert.deepEqual(contentsOf(await trial.receive(2, second)).toSorted(), ['a', 'b']);
    },
  },
];
