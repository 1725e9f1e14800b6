import { each, testsOf, inScenario } from './coverage.js';
import { PROTECTIONS_17_TO_22 } from './protections/protections-17-to-22.js';
import { PROTECTIONS_36_TO_40 } from './protections/protections-36-to-40.js';
import type { ChaosTransport, Protection, ScenarioTest } from './scenario.js';
import {
  SCENARIO_1,
  SCENARIO_2,
  SCENARIO_3,
  SCENARIO_4,
  SCENARIO_5,
  SCENARIO_16,
  SCENARIO_24,
} from './titles.js';

const USUAL = ['sqlite', 'redis', 'amqp', 'postgres'] as const;

function tests(
  { file, title }: { readonly file: string; readonly title: string },
  transports: readonly ChaosTransport[],
  ...names: readonly string[]
): readonly ScenarioTest[] {
  const covered = each(transports, (transport) => inScenario(file, title, transport, ...names));
  return Object.values(covered).flatMap(testsOf);
}

const ACK_FIRST = {
  file: 'lib/worker/message-processor.ts',
  find: 'const handled = await this.#options.bus.dispatch(envelope);',
  replace:
    'await feed.settler.ack(received);\n      const handled = await this.#options.bus.dispatch(envelope);',
};

/** What protects in each scenario, and the tests that notice when it is gone. */
export const PROTECTIONS: readonly Protection[] = [
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
    tests: tests(SCENARIO_3, ['sqlite', 'redis', 'postgres'], SCENARIO_3.atomic),
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
    scenario: 16,
    what: 'Deliveries are counted, and limited',
    edits: [
      {
        file: 'lib/middleware/reject-redelivered-message.middleware.ts',
        find: 'return deliveryCount > this.#maxDeliveries\n',
        replace: 'return deliveryCount < 0\n',
      },
    ],
    tests: tests(SCENARIO_16, USUAL, SCENARIO_16.limited),
  },
  {
    scenario: 24,
    what: 'SQLite settles for the owner of a claim only',
    edits: [
      {
        file: 'lib/transports/sql/sqlite/sqlite.statements.ts',
        find: "const MINE = 'WHERE id = ? AND owner = ?';",
        replace: "const MINE = 'WHERE id = ? AND (owner = ? OR owner IS NOT NULL)';",
      },
    ],
    tests: tests(SCENARIO_24, ['sqlite'], SCENARIO_24.refused),
  },
  {
    scenario: 24,
    what: 'Redis settles for the consumer that has the message only',
    edits: [
      {
        file: 'lib/transports/redis/scripts/settling.scripts.ts',
        find: 'if not holds[claims[i]] then',
        replace: 'if false then',
      },
    ],
    tests: tests(SCENARIO_24, ['redis'], SCENARIO_24.refused),
  },
  {
    scenario: 24,
    what: 'PostgreSQL settles for the owner of a claim only',
    edits: [
      {
        file: 'lib/transports/sql/server/postgres/postgres.statements.ts',
        find: ' AND owner = claim.token RETURNING id, owner`',
        replace: ' RETURNING id, claim.token AS owner`',
      },
    ],
    tests: tests(SCENARIO_24, ['postgres'], SCENARIO_24.refused),
  },
  {
    scenario: 24,
    what: 'A handler is told that its message was lost',
    edits: [
      {
        file: 'lib/worker/lease-keeper.ts',
        find: 'aborted.forEach((delivery) => delivery.abort(error));',
        replace: 'void aborted;',
      },
    ],
    tests: tests(SCENARIO_24, USUAL, SCENARIO_24.told),
  },
  ...PROTECTIONS_17_TO_22,
  ...PROTECTIONS_36_TO_40,
];
