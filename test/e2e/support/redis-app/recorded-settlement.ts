import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Envelope } from '../../../../lib/envelope/envelope.js';
import { InjectTransport } from '../../../../lib/module/inject.decorators.js';
import type { SettleResult } from '../../../../lib/transport/transport.js';
import { RedisTransport } from '../../../../lib/transports/redis/redis.transport.js';
import { JobRuns } from './job-runs.js';

/**
 * Writes down which runs the transport has confirmed to be settled, and which it said were no longer the worker's. What it
 * confirmed must never run again.
 */
@Injectable()
export class RecordedSettlement implements OnApplicationBootstrap {
  readonly #transport: RedisTransport;
  readonly #runs: JobRuns;

  constructor(@InjectTransport('async') transport: RedisTransport, runs: JobRuns) {
    this.#transport = transport;
    this.#runs = runs;
  }

  onApplicationBootstrap(): void {
    const transport = this.#transport;
    const [ack, requeue] = [transport.ack.bind(transport), transport.requeue.bind(transport)];
    transport.ack = async (envelopes) => this.#recorded(envelopes, await ack(envelopes));
    transport.requeue = async (items) =>
      this.#recorded(
        items.map(({ received }) => received),
        await requeue(items),
      );
  }

  #recorded(envelopes: readonly Envelope[], result: SettleResult): SettleResult {
    const lost = new Set(result?.lost);
    envelopes.forEach((each) => this.#runs.write(lost.has(each) ? 'late' : 'settled', each.message));
    return result;
  }
}
