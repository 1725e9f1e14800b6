import type { Protection } from '../scenario.js';
import { SCENARIO_1, SCENARIO_2, SCENARIO_3, SCENARIO_4, SCENARIO_5, SCENARIO_5_ORDER } from '../titles.js';
import { tests, USUAL } from './scenario-tests.js';

const ACK_FIRST = {
  file: 'lib/worker/message-processor.ts',
  find: 'const handled = await this.#options.bus.dispatch(envelope);',
  replace:
    'await feed.settler.ack(received);\n      const handled = await this.#options.bus.dispatch(envelope);',
};

export const PROTECTIONS_1_TO_10: readonly Protection[] = [
  {
    scenario: 1,
    what: 'A message is acknowledged after its handler, not before',
    edits: [ACK_FIRST],
    tests: tests(SCENARIO_1, USUAL, SCENARIO_1.handedOn),
  },
  {
    scenario: 2,
    what: 'What was not acknowledged is handled again',
    edits: [ACK_FIRST],
    tests: tests(SCENARIO_2, USUAL, SCENARIO_2.again),
  },
  {
    scenario: 2,
    what: 'An idempotent handler asks its inbox',
    edits: [
      {
        file: 'lib/inbox/idempotent-handling.ts',
        find: '!(await inbox.record(transaction, { messageId, handlerName }))',
        replace: "messageId === ''",
      },
    ],
    tests: tests(SCENARIO_2, USUAL, SCENARIO_2.skipped),
  },
  {
    scenario: 3,
    what: 'The copy and its original change places in one step',
    edits: [
      {
        file: 'lib/transport/settler.ts',
        find: 'isRequeueable(this.#receiver) && this.#receiver.canRequeueTo(target)',
        replace: 'target === undefined',
      },
    ],
    tests: tests(SCENARIO_3, ['sqlite', 'redis', 'postgres', 'mysql'], SCENARIO_3.atomic),
  },
  {
    scenario: 3,
    what: 'The copy is stored before its original is settled',
    edits: [
      {
        file: 'lib/failure/replace-by-copy.ts',
        find: '    await to.send([copy]);\n    await settler.reject(received);',
        replace: '    await settler.reject(received);\n    await to.send([copy]);',
      },
    ],
    tests: tests(SCENARIO_3, ['amqp'], SCENARIO_3.copyAndOriginal, SCENARIO_3.onlyOriginal),
  },
  {
    scenario: 4,
    what: 'A message with an outbox is stored in the transaction, not sent',
    edits: [
      {
        file: 'lib/routing/transport-sender.ts',
        find: 'outbox === undefined\n        ? await sendBy(this.#transports.get(name), envelopes, transaction)',
        replace:
          'outbox === undefined || transaction !== undefined\n        ? await sendBy(this.#transports.get(name), envelopes, undefined)',
      },
    ],
    tests: tests(SCENARIO_4, USUAL, SCENARIO_4.notCommitted),
  },
  {
    scenario: 5,
    what: 'A relay takes off its outbox what the target has confirmed, and nothing before',
    edits: [
      {
        file: 'lib/worker/outbox-forwarder.ts',
        find: 'if (await claimed.isHeld()) {\n      await this.#send(copies);',
        replace: 'if (await claimed.settle(envelopes)) {\n      await this.#send(copies);',
      },
    ],
    tests: tests(SCENARIO_5, USUAL, SCENARIO_5.midBatch, SCENARIO_5.beforeSettling),
  },
  {
    scenario: 5,
    what: 'Nobody gets a message of an outbox while anything of it is claimed, nor out of turn',
    edits: [
      {
        file: 'lib/transports/sql/sqlite/sqlite.statements.ts',
        find: 'AND NOT EXISTS (SELECT 1 FROM ${leased}) ORDER BY available_at, id LIMIT ?)',
        replace: 'AND NOT EXISTS (SELECT 1 FROM ${leased}) ORDER BY available_at, id DESC LIMIT ?)',
      },
    ],
    tests: tests(SCENARIO_5_ORDER, USUAL, SCENARIO_5_ORDER.inOrder),
  },
];
