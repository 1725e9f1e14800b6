import { quoted } from '../errors/quoted.js';
import { isKeepaliveAware, isRequeueable } from '../transport/capabilities.js';
import { isEphemeral } from '../transport/ephemeral.js';
import type { Transport } from '../transport/transport.js';
import { configuredTime } from './configured-time.js';

/** What is known of the way of a message over one transport. */
export interface TransportWay {
  readonly name: string;
  readonly transport: Transport;
  /** The transport that keeps its outbox. */
  readonly outbox: string | undefined;
  readonly failure: { readonly name: string; readonly transport: Transport } | undefined;
  /** Handlers that do their work once for each message. */
  readonly idempotent: readonly string[];
  readonly handlers: readonly string[];
  /** How it is signed, if it is. */
  readonly signature: { readonly scope: string; readonly isRequired: boolean } | undefined;
}

/** What holds for a message that is handled where it is dispatched: sentences. */
export const GUARANTEE_AT_ONCE: readonly string[] = [
  'It is handled where it is dispatched: dispatch resolves when all handlers have succeeded, and rejects when one fails.',
  'It is stored nowhere: nothing tries it again, and it is lost if the process ends meanwhile.',
];

/** What holds for a message over one transport: sentences. */
export function guaranteeOf(way: TransportWay): readonly string[] {
  return [stored(way), delivered(way), ...once(way), moved(way), ...signed(way)];
}

function stored({ name, transport, outbox }: TransportWay): string {
  if (outbox !== undefined) {
    return (
      `dispatch resolves when it is stored in the outbox of "${name}" in "${outbox}", in a transaction if there is one; workers of ` +
      'either forward it, in order.'
    );
  }
  return isEphemeral(transport)
    ? `It is kept in this process only: it is lost when that ends, and other processes never get it.`
    : `dispatch resolves when "${name}" has stored it, and rejects when it could not.`;
}

function delivered({ transport }: TransportWay): string {
  const again = isKeepaliveAware(transport)
    ? `; if its worker dies before, another one gets it, about ${configuredTime(transport.leaseDuration)} after its last sign of life at the latest`
    : '; if its worker dies before, another one gets it when the connection is gone';
  return `At least once: it is settled after its handlers have succeeded${again}.`;
}

function once({ handlers, idempotent }: TransportWay): readonly string[] {
  const others = handlers.filter((name) => !idempotent.includes(name));
  return [
    ...(others.length === 0
      ? []
      : [`A handler may therefore run twice, and has to bear that: ${quoted(others)}.`]),
    ...(idempotent.length === 0 ? [] : [`These do their work once, by the inbox: ${quoted(idempotent)}.`]),
  ];
}

function moved({ transport, failure }: TransportWay): string {
  const canAlways =
    isRequeueable(transport) && (failure === undefined || transport.canRequeueTo(failure.transport));
  const target = failure === undefined ? '' : `, and the move to "${failure.name}",`;
  if (canAlways) {
    return `A retry${target} is one atomic step with settling it, so that a crash neither loses nor doubles it.`;
  }
  return isRequeueable(transport)
    ? `A retry is one atomic step with settling it. The move to "${failure?.name}" is not: a crash in between doubles it, and loses nothing.`
    : `A retry${target} is stored before the original is settled: a crash in between doubles it, and loses nothing.`;
}

function signed({ signature }: TransportWay): readonly string[] {
  if (signature === undefined) {
    return [];
  }
  const { scope, isRequired } = signature;
  const without = isRequired
    ? 'a worker refuses one without a valid signature, before anything is made of it'
    : 'a worker accepts one without a signature as well ("required: false"), so that this protects from nothing yet';
  return [`It is signed for "${scope}"; ${without}.`];
}
