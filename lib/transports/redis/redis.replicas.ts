import { MaybeSentError } from '../../errors/maybe-sent.error.js';
import type { RedisArgument } from './redis.driver.js';
import { toMaybeSentError } from './redis.errors.js';
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
   * @throws MaybeSentError when they do not have it in time, or do not say so: it is stored in the meantime.
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
    const count = await this.#ask(commands, waitTimeout);
    if (count < waitReplicas) {
      throw new MaybeSentError(
        this.#session.transportName,
        `the message is stored, but only ${count} of ${waitReplicas} replica(s) ("wait_replicas") had it within ${waitTimeout} ms. ` +
          'It may be lost in a failover, or handled.',
      );
    }
  }

  async #ask(commands: ReadonlyArray<readonly RedisArgument[]>, wait: number): Promise<number> {
    try {
      const [, reply] = await this.#session.pipeline(commands, wait);
      if (reply === undefined || reply[0] !== null) {
        throw this.#session.errorOf(reply?.[0]);
      }
      return Number(reply[1]);
    } catch (error) {
      // Whatever it is, the message was stored before.
      throw toMaybeSentError(error);
    }
  }
}
