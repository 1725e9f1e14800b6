import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Envelope } from '../../../../lib/envelope/envelope.js';
import { InjectTransport } from '../../../../lib/module/inject.decorators.js';
import { isRequeueable } from '../../../../lib/transport/capabilities.js';
import type { SettleResult, Transport } from '../../../../lib/transport/transport.js';
import { JobRuns } from './job-runs.js';

/**
 * Writes down which runs the transport has confirmed to be settled, and which it said were no longer the worker's. What it
 * confirmed must never run again, unless what it confirms is that it has told the broker.
 */
@Injectable()
export class RecordedSettlement implements OnApplicationBootstrap {
  readonly #transport: Transport;
  readonly #runs: JobRuns;

  constructor(@InjectTransport('async') transport: Transport, runs: JobRuns) {
    this.#transport = transport;
    this.#runs = runs;
  }

  onApplicationBootstrap(): void {
    const transport = this.#transport;
    const [ack, reject] = [transport.ack.bind(transport), transport.reject.bind(transport)];
    transport.ack = async (envelopes) => this.#recorded(envelopes, await ack(envelopes));
    // Where no step settles a message and stores its copy, this is how the original goes once the copy is stored.
    transport.reject = async (envelopes) => this.#recorded(envelopes, await reject(envelopes));
    if (isRequeueable(transport)) {
      const requeue = transport.requeue.bind(transport);
      transport.requeue = async (items) =>
        this.#recorded(
          items.map(({ received }) => received),
          await requeue(items),
        );
    }
  }

  #recorded(envelopes: readonly Envelope[], result: SettleResult): SettleResult {
    const lost = new Set(result?.lost);
    envelopes.forEach((each) => this.#runs.write(lost.has(each) ? 'late' : 'settled', each.message));
    return result;
  }
}
