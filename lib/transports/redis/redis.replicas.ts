import { TransportError } from '../../errors/transport.error.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisSession } from './redis.session.js';

/** The replicas that must have a message before its dispatch succeeds, if the options ask for any. */
export class RedisReplicas {
  readonly #session: RedisSession;
  readonly #options: ResolvedRedisOptions;

  constructor(session: RedisSession, options: ResolvedRedisOptions) {
    this.#session = session;
    this.#options = options;
  }

  /**
   * Waits until enough replicas have what was written before.
   *
   * @throws TransportError when they do not have it in time.
   */
  async confirm(): Promise<void> {
    const { waitReplicas, waitTimeout } = this.#options;
    if (waitReplicas === 0) {
      return;
    }
    const count = Number(await this.#session.call('WAIT', waitReplicas, waitTimeout));
    if (count < waitReplicas) {
      throw new TransportError(
        this.#session.transportName,
        `the message is stored, but only ${count} of ${waitReplicas} replica(s) ("wait_replicas") had it within ${waitTimeout} ms. ` +
          'It may be lost in a failover, or handled.',
      );
    }
  }
}
