import assert from 'node:assert/strict';
import { Envelope } from '../../envelope/envelope.js';
import { BusNameStamp } from '../../stamp/bus-name.stamp.js';
import { MessageIdStamp } from '../../stamp/message-id.stamp.js';
import { ReceivedStamp } from '../../stamp/received.stamp.js';
import { SentStamp } from '../../stamp/sent.stamp.js';
import { TransportMessageIdStamp } from '../../stamp/transport-message-id.stamp.js';
import type { CaseDefinition } from './case-definition.js';
import { UnencodableMessage } from './conformance-message.js';
import { contentOf, contentsOf, message, sorted } from './trial.js';

const unencodable = (): Envelope => new Envelope<object>(new UnencodableMessage());

/** What a sender may rely on. */
export const SENDING_CASES: readonly CaseDefinition[] = [
  {
    name: 'hands over a message with its content and its stamps',
    async run(trial) {
      await trial.transport.send([
        message('order 7', new BusNameStamp('command'), new MessageIdStamp('m-1')),
      ]);
      const received = await trial.receiveOne();
      assert.equal(contentOf(received), 'order 7');
      assert.equal(received.last(BusNameStamp)?.busName, 'command');
      assert.equal(received.last(MessageIdStamp)?.id, 'm-1');
    },
  },
  {
    name: 'leaves behind the stamps that only concern the process of the sender',
    async run(trial) {
      await trial.transport.send([message('a', new SentStamp('elsewhere'), new ReceivedStamp('elsewhere'))]);
      const received = await trial.receiveOne();
      assert.deepEqual([received.has(SentStamp), received.has(ReceivedStamp)], [false, false]);
    },
  },
  {
    name: 'answers a send with the same messages in the same order',
    async run(trial) {
      const envelopes = ['a', 'b', 'c'].map((content) => message(content, new BusNameStamp(content)));
      const sent = await trial.transport.send(envelopes);
      assert.deepEqual(contentsOf(sent), ['a', 'b', 'c']);
      assert.ok(sent.every((envelope, index) => envelope.message === envelopes[index]?.message));
      assert.deepEqual(
        sent.map((envelope) => envelope.last(BusNameStamp)?.busName),
        ['a', 'b', 'c'],
      );
    },
  },
  {
    name: 'tells the id of a message when it is sent, and the same when it is received',
    needs: ['messageIds'],
    async run(trial) {
      const sent = await trial.send('a', 'b', 'c');
      const received = await trial.receive(3);
      assert.deepEqual(idsByContent(received), idsByContent(sent));
      assert.equal(new Set(idsByContent(sent).values()).size, 3);
    },
  },
  {
    name: 'confirms each of many sends made at the same time',
    async run(trial) {
      const contents = Array.from({ length: 50 }, (_, index) => `message ${index}`);
      const sent = await Promise.all(contents.map((content) => trial.send(content)));
      assert.deepEqual(
        sent.map(contentsOf),
        contents.map((content) => [content]),
      );
      assert.deepEqual(sorted(contentsOf(await trial.receive(50))), sorted(contents));
    },
  },
  {
    name: 'rejects the send of a message that cannot be encoded, and none of those made at the same time',
    needs: ['encoding'],
    async run(trial) {
      const outcomes = await Promise.allSettled([
        trial.send('a'),
        trial.transport.send([unencodable()]),
        trial.send('b'),
      ]);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.deepEqual(sorted(contentsOf(await trial.receive(2))), ['a', 'b']);
    },
  },
  {
    name: 'stores nothing of a send of which one message cannot be encoded',
    needs: ['encoding'],
    async run(trial) {
      await assert.rejects(trial.transport.send([message('a'), unencodable(), message('b')]));
      await trial.receiveNothing();
    },
  },
  {
    name: 'does nothing for an empty list',
    async run({ transport }) {
      assert.deepEqual(await transport.send([]), []);
      for (const settled of [await transport.ack([]), await transport.reject([])]) {
        assert.deepEqual(settled?.lost ?? [], []);
      }
    },
  },
];

function idsByContent(envelopes: readonly Envelope[]): Map<string, string | undefined> {
  return new Map(
    envelopes.map((envelope) => [contentOf(envelope), envelope.last(TransportMessageIdStamp)?.id]),
  );
}
