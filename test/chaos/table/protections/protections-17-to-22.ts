import { testsOf } from '../coverage.js';
import { CHAOS_TRANSPORTS, type Protection } from '../scenario.js';
import { FORGED, forged, STRANGE, strange, testsEverywhere } from '../strange-messages.js';

export const PROTECTIONS_17_TO_22: readonly Protection[] = [
  {
    scenario: 17,
    what: 'What cannot be decoded is kept, and does not end a worker',
    edits: [
      {
        file: 'lib/serializer/quarantining.serializer.ts',
        find: '    } catch (error) {\n      const failed = new MessageDecodingFailedStamp(asDecodingError(error));',
        replace:
          '    } catch (error) {\n      if (isVouchedFor) {\n        throw error;\n      }\n      const failed = new MessageDecodingFailedStamp(asDecodingError(error));',
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.kept)),
  },
  {
    scenario: 18,
    what: 'A type that is not known here may be known to another worker',
    edits: [
      {
        file: 'lib/failure/retry-decision.ts',
        find: ' && !isThrown(error, UnknownMessageTypeError))',
        replace: ' && (true || !isThrown(error, UnknownMessageTypeError)))',
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.unknown)),
  },
  {
    scenario: 19,
    what: 'A message is validated when it is received, too',
    edits: [
      {
        file: 'lib/middleware/validation.middleware.ts',
        find: 'if (violations.length > 0) {',
        replace: 'if (violations.length < 0) {',
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.versions)),
  },
  {
    scenario: 19,
    what: 'A type is known by its former names',
    edits: [
      {
        file: 'lib/message/message-registry.ts',
        find: 'return this.#typeByName.get(name) ?? this.#aliases.get(name);',
        replace: 'return this.#typeByName.get(name);',
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.versions)),
  },
  {
    scenario: 20,
    what: 'Text is looked through for its depth before it is parsed',
    edits: [
      {
        file: 'lib/serializer/json-text.ts',
        find: 'if (++depth > maxDepth) {',
        replace: 'if (++depth < 0) {',
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.kept)),
  },
  {
    scenario: 20,
    what: 'The size of a body is looked at first',
    edits: [
      {
        file: 'lib/serializer/body-text.ts',
        find: 'if (isText ? exceeds(body, maxSize) : body.byteLength > maxSize) {',
        replace: 'if (maxSize < 0) {',
      },
    ],
    // The servers of MySQL take no message of that size, as they are set up by default.
    tests: CHAOS_TRANSPORTS.filter((transport) => transport !== 'mysql').flatMap((transport) =>
      testsOf(strange(transport, STRANGE.sized)),
    ),
  },
  {
    scenario: 21,
    what: 'A key that could reach a prototype is refused',
    edits: [
      {
        file: 'lib/serializer/value-decoding.ts',
        find: '      if (key === FORBIDDEN_KEY) {\n        throw',
        replace: "      if (key === '') {\n        throw",
      },
    ],
    tests: testsEverywhere((transport) => strange(transport, STRANGE.kept)),
  },
  {
    scenario: 22,
    what: 'A message that must be signed, and is not, is refused',
    edits: [
      {
        file: 'lib/serializer/signing/message-signer.ts',
        find: '      policy.isRequired ||\n',
        replace: '',
      },
    ],
    tests: testsEverywhere((transport) => forged(transport, FORGED.refused)),
  },
  {
    scenario: 22,
    what: 'A signature is compared with what it was made of',
    edits: [
      {
        file: 'lib/serializer/signing/message-signer.ts',
        find: 'if (!isGenuine) {',
        replace: 'if (!isGenuine && this.#parts.signing.keys.length === 0) {',
      },
    ],
    tests: testsEverywhere((transport) => forged(transport, FORGED.refused, FORGED.retried)),
  },
];
