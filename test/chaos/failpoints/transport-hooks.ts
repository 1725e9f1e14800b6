import type { Envelope } from '../../../lib/envelope/envelope.js';
import { isKeepaliveAware, isReleasable, isRequeueable } from '../../../lib/transport/capabilities.js';
import type { SettleResult, Transport } from '../../../lib/transport/transport.js';
import type { ChaosLedger } from '../ledger/chaos-ledger.js';
import type { SettlementRow } from '../ledger/history.js';
import type { Failpoint } from './failpoint.js';
import type { Failpoints } from './failpoints.js';

/** What {@link TransportHooks} needs. */
export interface TransportHooksOptions {
  readonly transport: Transport;
  readonly name: string;
  readonly failpoints: Failpoints;
  readonly ledger: ChaosLedger;
  /** The id of a message in the ledger; empty for one that is none of the application's. */
  readonly idOf: (envelope: Envelope) => string;
}

type Settle<T> = (items: readonly T[]) => Promise<SettleResult>;

/**
 * Puts failpoints and the ledger around the methods of a transport, where it is. It stays the same object with the same
 * capabilities, which a stand-in would not be to transports that know each other by private fields.
 */
export class TransportHooks {
  readonly #options: TransportHooksOptions;
  /** What came out of an outbox: whoever sends that is a relay. */
  readonly #relayed: WeakSet<object>;

  /** @param relayed filled by {@link hookOutbox}. */
  constructor(options: TransportHooksOptions, relayed: WeakSet<object>) {
    this.#options = options;
    this.#relayed = relayed;
  }

  /** Of a transport that workers consume. */
  hookTransport(): void {
    const { transport } = this.#options;
    this.#hookSend();
    const [ack, reject] = [transport.ack.bind(transport), transport.reject.bind(transport)];
    transport.ack = this.#settling('ack', (each) => each, ack, ['before-ack', 'after-ack']);
    // Where no step settles a message and stores its copy, this is how the original goes once the copy is stored.
    transport.reject = this.#settling('reject', (each) => each, reject, ['after-retry-send-before-ack']);
    if (isRequeueable(transport)) {
      const requeue = transport.requeue.bind(transport);
      const points = ['before-requeue', 'after-requeue'] as const;
      transport.requeue = this.#settling('requeue', ({ received }) => received, requeue, points);
    }
    if (isReleasable(transport)) {
      const release = transport.release.bind(transport);
      transport.release = (envelopes, options) =>
        this.#settling(
          'release',
          (each: Envelope) => each,
          () => release(envelopes, options),
          [],
        )(envelopes);
    }
    if (isKeepaliveAware(transport)) {
      const keepalive = transport.keepalive.bind(transport);
      transport.keepalive = async (envelopes) => {
        await this.#pass('keepalive', envelopes);
        return keepalive(envelopes);
      };
    }
  }

  /**
   * Of the queue of an outbox, whose messages a relay sends.
   *
   * @param together the most that it gets at once.
   */
  hookOutbox(together: number): void {
    const { transport } = this.#options;
    const [get, ack] = [transport.get.bind(transport), transport.ack.bind(transport)];
    transport.get = async (options) => {
      const envelopes = await get({ ...options, max: Math.min(options?.max ?? 1, together) });
      envelopes.forEach(({ message }) => this.#relayed.add(message));
      return envelopes;
    };
    transport.ack = async (envelopes) => {
      await this.#pass('relay-before-settle', envelopes);
      return ack(envelopes);
    };
  }

  #hookSend(): void {
    const { transport, failpoints } = this.#options;
    const send = transport.send.bind(transport);
    transport.send = async (envelopes) => {
      if (!envelopes.some(({ message }) => this.#relayed.has(message))) {
        await this.#pass('before-send', envelopes);
        const sent = await send(envelopes);
        await this.#pass('after-send', envelopes);
        return sent;
      }
      await this.#pass('relay-before-send', envelopes);
      if (!failpoints.isArmed('relay-mid-batch')) {
        return send(envelopes);
      }
      const half = Math.ceil(envelopes.length / 2);
      const first = await send(envelopes.slice(0, half));
      await this.#pass('relay-mid-batch', envelopes);
      return [...first, ...(await send(envelopes.slice(half)))];
    };
  }

  /** @param points before it, and after it. */
  #settling<T>(
    how: SettlementRow['how'],
    envelopeOf: (item: T) => Envelope,
    settle: Settle<T>,
    [before, after]: readonly Failpoint[],
  ): Settle<T> {
    return async (items) => {
      const envelopes = items.map(envelopeOf);
      this.#write('settling', how, envelopes, new Set());
      if (before !== undefined) {
        await this.#pass(before, envelopes);
      }
      const result = await settle(items);
      this.#write('settled', how, envelopes, new Set(result?.lost));
      if (after !== undefined) {
        await this.#pass(after, envelopes);
      }
      return result;
    };
  }

  async #pass(at: Failpoint, envelopes: readonly Envelope[]): Promise<void> {
    const { failpoints, name, idOf } = this.#options;
    await failpoints.pass(at, { ids: envelopes.map(idOf), transport: name });
  }

  #write(
    what: SettlementRow['what'],
    how: SettlementRow['how'],
    envelopes: readonly Envelope[],
    lost: ReadonlySet<Envelope>,
  ): void {
    const { ledger, name: transport, idOf } = this.#options;
    for (const envelope of envelopes) {
      ledger.settlement({ what, how, id: idOf(envelope), transport, lost: lost.has(envelope) });
    }
  }
}
