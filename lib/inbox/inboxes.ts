import type { Envelope } from '../envelope/envelope.js';
import { ReceivedStamp } from '../stamp/received.stamp.js';
import { SentToFailureTransportStamp } from '../stamp/sent-to-failure-transport.stamp.js';
import type { Inbox, InboxStore } from '../transport/capabilities.js';
import type { Transport } from '../transport/transport.js';

/** A transport that keeps an inbox, and its name. */
export interface NamedInboxStore {
  readonly name: string;
  readonly transport: Transport & InboxStore;
}

/** Which inbox remembers the messages of which transport. */
export class Inboxes {
  /** Each store once. */
  readonly stores: readonly NamedInboxStore[];
  /** The transports that could keep an inbox, whether they are asked to or not. */
  readonly capable: readonly string[];
  readonly #byTransport: ReadonlyMap<string, Inbox>;
  readonly #default: Inbox | undefined;

  /** @param byTransport the store of each transport with the option `inbox`, in the order of the configuration. */
  constructor(byTransport: ReadonlyMap<string, NamedInboxStore>, capable: readonly string[]) {
    this.stores = [...new Map(Array.from(byTransport.values(), (store) => [store.name, store])).values()];
    this.capable = capable;
    this.#byTransport = new Map(Array.from(byTransport, ([name, { transport }]) => [name, transport.inbox]));
    this.#default = this.stores[0]?.transport.inbox;
  }

  /**
   * The inbox for a message: that of the transport it came from, or failed in first; else the first one configured, so that a
   * message of any transport, and one that is handled where it was dispatched, has one. `undefined` if there is none at all.
   */
  of(envelope: Envelope): Inbox | undefined {
    const failedIn = envelope.last(SentToFailureTransportStamp)?.originalReceiverName ?? '';
    const receivedFrom = envelope.last(ReceivedStamp)?.transportName ?? '';
    return this.#byTransport.get(failedIn) ?? this.#byTransport.get(receivedFrom) ?? this.#default;
  }
}
