import assert from 'node:assert/strict';
import type { Envelope } from '../../envelope/envelope.js';
import type { EncodedEnvelope } from '../../message/encoded-envelope.js';
import { UndecodableMessage } from '../../message/undecodable-message.js';
import { MessageDecodingFailedStamp } from '../../stamp/message-decoding-failed.stamp.js';
import { SentToFailureTransportStamp } from '../../stamp/sent-to-failure-transport.stamp.js';
import { isListable, isRequeueable } from '../../transport/capabilities.js';
import { InMemoryTransport } from '../../transports/in-memory/in-memory.transport.js';
import type { CaseDefinition } from './case-definition.js';
import { contentsOf } from './trial.js';

const BROKEN: EncodedEnvelope = { body: '{"content": "broken', headers: { type: 'messenger.conformance' } };

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const FOREIGN: ReadonlyArray<readonly [what: string, encoded: EncodedEnvelope]> = [
  ['a body cut short', BROKEN],
  ['a body that is no text', { body: EVERY_BYTE, headers: { type: 'messenger.conformance' } }],
  [
    'a type nobody knows',
    { body: '{"é":"☃😀"}', headers: { type: 'App\\Message\\Unknown', 'X-Foreign': 'Grüße ☃' } },
  ],
  ['nothing at all', { body: '', headers: {} }],
];

/** What becomes of bytes that are no message. */
export const UNDECODABLE_CASES: readonly CaseDefinition[] = [
  ...FOREIGN.map(([what, encoded]): CaseDefinition => ({
    name: `hands out ${what} as an "UndecodableMessage" that holds it untouched`,
    needs: ['undecodable'],
    async run(trial) {
      await trial.insertRaw(encoded);
      const received = await trial.receiveOne();
      assertUntouched(received, encoded);
      await trial.transport.reject([received]);
      await trial.receiveNothing();
    },
  })),
  {
    name: 'hands out what cannot be decoded beside what can',
    needs: ['undecodable', 'ordering'],
    async run(trial) {
      await trial.send('a');
      await trial.insertRaw(BROKEN);
      await trial.send('b');
      const [first, broken, last] = await trial.receive(3);
      assert.ok(first && broken && last);
      assert.deepEqual(contentsOf([first, last]), ['a', 'b']);
      assertUntouched(broken, BROKEN);
    },
  },
  ...FOREIGN.map(([what, encoded]): CaseDefinition => ({
    name: `stores ${what} again untouched, with the stamps it has gained, when it comes back from another transport`,
    needs: ['undecodable'],
    async run(trial) {
      await trial.insertRaw(encoded);
      const elsewhere = new InMemoryTransport({ serializer: trial.context.serializer });
      const received = (await trial.receiveOne()).with(new SentToFailureTransportStamp('async'));
      await elsewhere.send([received]);
      await trial.transport.reject([received]);
      await trial.transport.send(await elsewhere.get());
      const returned = await trial.receiveOne();
      assertUntouched(returned, encoded);
      assert.equal(returned.last(SentToFailureTransportStamp)?.originalReceiverName, 'async');
    },
  })),
  {
    name: 'requeues what cannot be decoded untouched',
    needs: ['undecodable', 'requeue'],
    async run(trial) {
      const { transport } = trial;
      assert.ok(isRequeueable(transport), 'Expected the methods of "Requeueable".');
      await trial.insertRaw(BROKEN);
      const received = await trial.receiveOne();
      const copy = received.with(new SentToFailureTransportStamp('async'));
      await transport.requeue([{ received, copy, to: transport }]);
      const requeued = await trial.receiveOne();
      assertUntouched(requeued, BROKEN);
      assert.equal(requeued.last(SentToFailureTransportStamp)?.originalReceiverName, 'async');
    },
  },
  {
    name: 'lists what cannot be decoded',
    needs: ['undecodable', 'listing'],
    async run(trial) {
      const { transport } = trial;
      assert.ok(isListable(transport), 'Expected the methods of "Listable".');
      await trial.insertRaw(BROKEN);
      const listed: Envelope[] = [];
      for await (const envelope of transport.all()) {
        listed.push(envelope);
      }
      assert.equal(listed.length, 1);
      assertUntouched(listed[0], BROKEN);
    },
  },
];

function assertUntouched(envelope: Envelope | undefined, encoded: EncodedEnvelope): void {
  assert.ok(
    envelope?.message instanceof UndecodableMessage,
    `Expected an "UndecodableMessage", got ${envelope?.message.constructor.name}.`,
  );
  assert.ok(
    envelope.has(MessageDecodingFailedStamp),
    'Expected a "MessageDecodingFailedStamp" that says why.',
  );
  const { body, headers } = envelope.message.encoded;
  assert.deepEqual(Buffer.from(body), Buffer.from(encoded.body));
  assert.deepEqual({ ...headers }, encoded.headers);
}
