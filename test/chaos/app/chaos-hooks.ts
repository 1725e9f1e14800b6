import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Envelope } from '../../../lib/envelope/envelope.js';
import { Outboxes } from '../../../lib/transport/outboxes.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { Failpoints } from '../failpoints/failpoints.js';
import { TransportHooks } from '../failpoints/transport-hooks.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';
import { idsInText } from './messages.js';

/** Puts the hooks around all transports and outboxes of the application, before anything uses them. */
@Injectable()
export class ChaosHooks implements OnModuleInit {
  readonly #transports: TransportRegistry;
  readonly #outboxes: Outboxes;
  readonly #ledger: ChaosLedger;
  readonly #failpoints: Failpoints;

  constructor(
    transports: TransportRegistry,
    outboxes: Outboxes,
    ledger: ChaosLedger,
    failpoints: Failpoints,
  ) {
    this.#transports = transports;
    this.#outboxes = outboxes;
    this.#ledger = ledger;
    this.#failpoints = failpoints;
  }

  onModuleInit(): void {
    const relayed = new WeakSet<object>();
    const common = { failpoints: this.#failpoints, ledger: this.#ledger, idOf };
    for (const name of this.#transports.names()) {
      const transport = this.#transports.get(name);
      new TransportHooks({ ...common, transport, name }, relayed).hookTransport();
    }
    for (const { queue, targetName } of this.#outboxes.all()) {
      new TransportHooks({ ...common, transport: queue, name: targetName }, relayed).hookOutbox();
    }
  }
}

/** Also of a message that was not decoded: its id is somewhere in it. */
function idOf({ message }: Envelope): string {
  const { id } = message as { readonly id?: unknown };
  return typeof id === 'string' ? id : (idsInText(JSON.stringify(message))[0] ?? '');
}
