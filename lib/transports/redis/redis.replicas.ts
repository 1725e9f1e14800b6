import { TransportError } from '../../errors/transport.error.js';
import type { RedisKeys } from './redis.keys.js';
import type { ResolvedRedisOptions } from './redis.options.js';
import type { RedisSession } from './redis.session.js';

/** The replicas that must have a message before its dispatch succeeds, if the options ask for any. */
export class RedisReplicas {
  readonly #session: RedisSession;
  readonly #keys: RedisKeys;
  readonly #options: ResolvedRedisOptions;

  constructor(session: RedisSession, keys: RedisKeys, options: ResolvedRedisOptions) {
    this.#session = session;
    this.#keys = keys;
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
    // Behind a command with a key, so that a cluster asks the node that has the messages.
    const commands = [
      ['exists', this.#keys.stream],
      ['wait', waitReplicas, waitTimeout],
    ];
    const [, reply] = await this.#session.pipeline(commands, waitTimeout);
    if (reply === undefined || reply[0] !== null) {
      throw this.#session.errorOf(reply?.[0]);
    }
    const count = Number(reply[1]);
    if (count < waitReplicas) {
      throw new TransportError(
        this.#session.transportName,
        `the message is stored, but only ${count} of ${waitReplicas} replica(s) ("wait_replicas") had it within ${waitTimeout} ms. ` +
          'It may be lost in a failover, or handled.',
      );
    }
  }
}
