import type { RedisClaimsById } from './redis.claims-by-id.js';
import type { RedisInHand } from './redis.in-hand.js';
import type { RedisPresence } from './redis.presence.js';
import { isRedisError } from './redis.session.js';
import type { RedisSettlement, Replacement } from './redis.settlement.js';

/**
 * What became of a message that was to be replaced by its copy:
 * - `replaced`: in one step;
 * - `lost`: nothing was done, since it is somebody else's by now;
 * - `orphaned`: nothing was done, since it was deleted with its stream or its group; only this process still has it.
 */
export type ReplaceOutcome = 'replaced' | 'lost' | 'orphaned';

/** What a {@link RedisReplacer} is made of. */
export interface RedisReplacerSetup {
  readonly settlement: RedisSettlement;
  readonly inHand: RedisInHand;
  readonly presence: RedisPresence;
  readonly claimsById: RedisClaimsById;
}

/** Replaces claimed messages by their copies. */
export class RedisReplacer {
  readonly #setup: RedisReplacerSetup;

  constructor(setup: RedisReplacerSetup) {
    this.#setup = setup;
  }

  /** @throws TransportError when a copy could not be stored. Nothing is changed then. */
  async replace(replacements: readonly Replacement[]): Promise<readonly ReplaceOutcome[]> {
    const { inHand } = this.#setup;
    const claims = replacements.map(({ claim }) => claim);
    const eras = claims.map(({ id }) => inHand.eraOf(id));
    const held = await this.#heldAmong(replacements);
    inHand.remove(claims);
    return Promise.all(
      claims.map(async ({ id }, index) => {
        if (held === undefined) {
          return 'orphaned';
        }
        return held[index] === true ? 'replaced' : this.#fateOf(id, eras[index]);
      }),
    );
  }

  /** Which of them were replaced; nothing if there is no group any more. */
  async #heldAmong(replacements: readonly Replacement[]): Promise<readonly boolean[] | undefined> {
    try {
      return await this.#setup.settlement.replace(replacements);
    } catch (error) {
      if (isRedisError(error, 'NOGROUP')) {
        return undefined;
      }
      throw error;
    }
  }

  /** What became of a message that is not claimed any more. */
  async #fateOf(id: string, era: string | undefined): Promise<ReplaceOutcome> {
    const { presence, claimsById } = this.#setup;
    const isOrphaned =
      era !== undefined && (await presence.isOver(era)) && (await claimsById.find(id)) === undefined;
    return isOrphaned ? 'orphaned' : 'lost';
  }
}
