import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { Outboxes } from '../../../lib/transport/outboxes.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { Failpoints } from '../failpoints/failpoints.js';
import { TransportHooks } from '../failpoints/transport-hooks.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';
import { idsInText } from './messages.js';

/** The token of the most that a relay gets from an outbox at once. */
export const RELAYED_TOGETHER = Symbol('RELAYED_TOGETHER');

/** Puts the hooks around all transports and outboxes of the application, before anything uses them. */
@Injectable()
export class ChaosHooks implements OnModuleInit {
  readonly #transports: TransportRegistry;
  readonly #outboxes: Outboxes;
  readonly #ledger: ChaosLedger;
  readonly #failpoints: Failpoints;
  readonly #relayedTogether: number;

  constructor(
    transports: TransportRegistry,
    outboxes: Outboxes,
    ledger: ChaosLedger,
    failpoints: Failpoints,
    @Inject(RELAYED_TOGETHER) relayedTogether: number,
  ) {
    this.#transports = transports;
    this.#outboxes = outboxes;
    this.#ledger = ledger;
    this.#failpoints = failpoints;
    this.#relayedTogether = relayedTogether;
  }

  onModuleInit(): void {
    const relayed = new WeakSet<object>();
    const common = { failpoints: this.#failpoints, ledger: this.#ledger, idOf };
    for (const name of this.#transports.names()) {
      const transport = this.#transports.get(name);
      new TransportHooks({ ...common, transport, name }, relayed).hookTransport();
    }
    for (const { queue, targetName } of this.#outboxes.all()) {
      new TransportHooks({ ...common, transport: queue, name: targetName }, relayed).hookOutbox(
        this.#relayedTogether,
      );
    }
  }
}

/** Also of a message that was not decoded: its id is somewhere in it. */
function idOf({ message }: Envelope): string {
  const { id } = message as { readonly id?: unknown };
  return typeof id === 'string' ? id : (idsInText(JSON.stringify(message))[0] ?? '');
}
