import { quoted } from '../errors/quoted.js';
import { summarizeError } from '../failure/flatten-error.js';
import type { ResolvedTransport } from '../module/resolved-options.js';
import { isLocated } from '../transport/capabilities.js';
import { isDiagnosable } from '../transport/diagnosable.js';
import { isEphemeral } from '../transport/ephemeral.js';
import type { Finding } from '../transport/finding.js';
import type { Transport } from '../transport/transport.js';
import type { MessengerServices } from './messenger-services.js';

/** What was found out about one transport. */
export interface TransportDiagnosis {
  readonly name: string;
  /** `stores nothing`: messages are handled when they are sent. */
  readonly status: 'checked' | 'unreachable' | 'stores nothing';
  /** Why it could not be reached. */
  readonly error?: string;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

const LEVELS: ReadonlyArray<Finding['level']> = ['loss', 'advice', 'unchecked'];

/** Looks at some transports for what may lose messages: in their settings here, and in their brokers. Changes nothing. */
export async function diagnose(
  { options, transports }: MessengerServices,
  names: readonly string[],
): Promise<readonly TransportDiagnosis[]> {
  const all = new Map(transports.names().map((name) => [name, transports.get(name)]));
  return Promise.all(
    names.map(async (name): Promise<TransportDiagnosis> => {
      const definition = options.transports.get(name);
      const transport = transports.get(name);
      if (definition?.isSync === true) {
        return { name, status: 'stores nothing', findings: [] };
      }
      const own = [
        ...(isEphemeral(transport) ? [EPHEMERAL] : []),
        ...withoutFailureTransport(name, options.transports),
        ...samePlace(name, all),
      ];
      const outcome = await ask(transport);
      const findings = [...own, ...outcome.findings];
      return {
        name,
        ...outcome,
        findings: findings.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)),
      };
    }),
  );
}

/** Never rejects. */
async function ask(transport: Transport): Promise<Pick<TransportDiagnosis, 'status' | 'error' | 'findings'>> {
  if (!isDiagnosable(transport)) {
    return { status: 'checked', findings: isEphemeral(transport) ? [] : [UNKNOWN] };
  }
  try {
    return { status: 'checked', findings: await transport.diagnose() };
  } catch (error) {
    return { status: 'unreachable', error: summarizeError(error).message, findings: [] };
  }
}

const EPHEMERAL: Finding = {
  code: 'ephemeral',
  level: 'loss',
  problem:
    'it keeps its messages in the memory of one process: they are lost when that ends, and no other process gets them.',
  remedy: 'Use a transport that stores them, "sqlite:var/messenger.db" for instance.',
};

const UNKNOWN: Finding = {
  code: 'no-checks',
  level: 'unchecked',
  problem: 'this kind of transport has no checks of its own ("diagnose").',
  remedy: 'See its documentation for what its broker needs.',
};

function withoutFailureTransport(
  name: string,
  definitions: ReadonlyMap<string, ResolvedTransport>,
): readonly Finding[] {
  const isFailureTransport = [...definitions.values()].some(
    ({ failureTransport }) => failureTransport === name,
  );
  return definitions.get(name)?.failureTransport !== undefined || isFailureTransport
    ? []
    : [
        {
          code: 'failure-transport',
          level: 'loss',
          problem:
            'it has no failure transport: a message that keeps failing, or that cannot be decoded, is dropped.',
          remedy: 'Name one in "failureTransport", of this transport or of the module.',
        },
      ];
}

/** Other transports that take its messages. */
function samePlace(name: string, transports: ReadonlyMap<string, Transport>): readonly Finding[] {
  const transport = transports.get(name);
  if (transport === undefined || !isLocated(transport)) {
    return [];
  }
  const others = [...transports]
    .filter(
      ([other, candidate]) =>
        other !== name && isLocated(candidate) && candidate.location === transport.location,
    )
    .map(([other]) => other);
  return others.length === 0
    ? []
    : [
        {
          code: 'same-place',
          level: 'advice',
          problem:
            `${quoted(others)} keep${others.length === 1 ? 's' : ''} messages in the same place: each takes the other's, with its own ` +
            'retries and failure transport, and they are two consumers where one was meant.',
          remedy: 'Give each a queue, or a stream, of its own.',
        },
      ];
}
