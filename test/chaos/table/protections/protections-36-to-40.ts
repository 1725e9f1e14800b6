import { testsOf } from '../coverage.js';
import type { Protection } from '../scenario.js';
import { LONG, longNames, STRANGE, strange, testsEverywhere } from '../strange-messages.js';

export const PROTECTIONS_36_TO_40: readonly Protection[] = [
  {
    scenario: 36,
    what: 'A stamp that is not known here is no reason to refuse a message',
    edits: [
      {
        file: 'lib/serializer/stamp-codec.ts',
        find: '      stamps.push(new OpaqueStamp(',
        replace:
          "      throw new MessageDecodingFailedError('It is not known.');\n      stamps.push(new OpaqueStamp(",
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.right)),
  },
  {
    scenario: 37,
    what: 'Nothing that was thrown can break who describes it',
    edits: [
      {
        file: 'lib/failure/flatten-error.ts',
        find: '    return read();\n  } catch {\n    return undefined;',
        replace: '    return read();\n  } catch (error) {\n    throw error;',
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.thrown)),
  },
  {
    scenario: 38,
    what: 'A delay queue of RabbitMQ has a name that is not too long',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.delays.ts',
        find: 'return Buffer.byteLength(name) > LONGEST_NAME;',
        replace: 'return Buffer.byteLength(name) > 2 * LONGEST_NAME;',
      },
    ],
    tests: testsOf(longNames('amqp', LONG.whole)),
  },
  {
    scenario: 38,
    what: 'What stands beside an exchange of RabbitMQ has a name that is not too long',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.companion-name.ts',
        find: 'return Buffer.byteLength(name) > LONGEST_NAME',
        replace: 'return Buffer.byteLength(name) > 2 * LONGEST_NAME',
      },
    ],
    tests: testsOf(longNames('amqp', LONG.whole)),
  },
  {
    scenario: 38,
    what: 'A name that RabbitMQ would not take is refused at the start',
    edits: [
      {
        file: 'lib/transports/amqp/amqp.topology-values.ts',
        find: 'if (Buffer.byteLength(name) > MAX_NAME_BYTES) {',
        replace: 'if (Buffer.byteLength(name) > 2 * MAX_NAME_BYTES) {',
      },
    ],
    tests: testsOf(longNames('amqp', LONG.refused)),
  },
  {
    scenario: 38,
    what: 'A name that the column of MySQL would not hold is refused at the start',
    edits: [
      {
        file: 'lib/transports/sql/server/mysql/mysql.options.ts',
        find: 'if (Array.from(name).length > 190) {',
        replace: 'if (Array.from(name).length > 1900) {',
      },
    ],
    tests: testsOf(longNames('mysql', LONG.refused)),
  },
  {
    scenario: 38,
    what: 'A name that PostgreSQL could not index is refused at the start',
    edits: [
      {
        file: 'lib/transports/sql/server/postgres/postgres.options.ts',
        find: 'if (Array.from(name).length > 190 || ',
        replace: 'if (Array.from(name).length > 1900 || ',
      },
    ],
    tests: testsOf(longNames('postgres', LONG.refused)),
  },
  {
    scenario: 40,
    what: 'Stamps of a newer version travel on',
    edits: [
      {
        file: 'lib/serializer/stamp-codec.ts',
        find: '      stamps.push(new OpaqueStamp(',
        replace: '      void (new OpaqueStamp(',
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.opaque)),
  },
];
