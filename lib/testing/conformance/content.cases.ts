import assert from 'node:assert/strict';
import { BusNameStamp } from '../../stamp/bus-name.stamp.js';
import { MessageIdStamp } from '../../stamp/message-id.stamp.js';
import type { CaseDefinition } from './case-definition.js';
import { contentOf, message } from './trial.js';

const CONTENTS: ReadonlyArray<readonly [what: string, content: string]> = [
  ['an empty text', ''],
  ['text beyond ASCII and beyond the basic plane', 'Grüße, Ωmega, 日本語, ☃, 😀, 👩‍👩‍👧, e\u0301'],
  [
    'control characters and line separators',
    'nul \u0000, tab \t, crlf \r\n, escape \u001b, \u2028\u2029, del \u007f',
  ],
  ['what other notations give a meaning to', `'"\`\\ %s $1 ? :id \${x} {{x}} <b> & -- /* ; \\u0000`],
  ['255 bytes', 'é'.repeat(127) + '.'],
  ['256 bytes', 'é'.repeat(128)],
  ['64 KiB', '0123456789abcdef'.repeat(4096)],
  ['1 MiB', '☃ a megabyte. '.repeat(65_536)],
];

/** Names of brokers end at 255 bytes, which is no reason to cut a stamp. */
const STAMP_VALUES: ReadonlyArray<readonly [what: string, value: string]> = [
  ['255 bytes', 'ü'.repeat(127) + '.'],
  ['300 bytes', 'ü'.repeat(150)],
  ['line breaks and characters beyond ASCII', 'a\r\nX-Injected: 1\u0000 ☃'],
];

/** What a message may hold. */
export const CONTENT_CASES: readonly CaseDefinition[] = [
  ...CONTENTS.map(([what, content]): CaseDefinition => ({
    name: `hands over ${what} unchanged`,
    async run(trial) {
      await trial.send(content);
      // No deep comparison: the text of its failure would be as long as the content.
      assert.ok(contentOf(await trial.receiveOne()) === content, 'The content has changed.');
    },
  })),
  ...STAMP_VALUES.map(([what, value]): CaseDefinition => ({
    name: `hands over a stamp with ${what} unchanged`,
    async run(trial) {
      await trial.transport.send([message('a', new MessageIdStamp(value), new BusNameStamp(value))]);
      const received = await trial.receiveOne();
      assert.equal(received.last(MessageIdStamp)?.id, value);
      assert.equal(received.last(BusNameStamp)?.busName, value);
    },
  })),
];
