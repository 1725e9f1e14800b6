import { Inject, Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ModuleMissingError } from '../errors/module-missing.error.js';
import { InProcessWorkers } from '../module/in-process-workers.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import { WorkerRolls } from '../worker/worker-rolls.js';
import { healthOf } from '../worker/worker-health.js';
import type { WorkerState } from '../worker/worker-state.js';
import { answerWithin } from './answer-within.js';
import {
  type MessengerHealthOptions,
  type ResolvedHealthOptions,
  resolveHealthOptions,
} from './health-options.js';
import { pollAges, type PollAges } from './poll-ages.js';
import { checkTransport, type TransportCheck } from './transport-check.js';

/** How a worker of the option `workers` is. */
export interface WorkerCheck {
  readonly id: string;
  readonly status: 'up' | 'down';
  /** What is wrong; sentences. */
  readonly reasons: readonly string[];
}

/** How the messenger of an application is. */
export interface MessengerHealth {
  readonly status: 'up' | 'down';
  /** By their names. */
  readonly transports: Readonly<Record<string, TransportCheck>>;
  /** The workers of this process; not there if it has none. */
  readonly workers?: readonly WorkerCheck[];
}

/**
 * Tells whether an application can send messages, and whether they are handled, in the form that `@nestjs/terminus` expects of
 * an indicator. Name it among the providers of a module; it needs nothing of Terminus.
 *
 * @example
 * ```ts
 * @Get('ready')
 * @HealthCheck()
 * ready() {
 *   return this.health.check([() => this.messenger.check('messenger', { transports: ['async'], maxBacklog: 1000 })]);
 * }
 * ```
 */
@Injectable()
export class MessengerHealthIndicator {
  readonly #moduleRef: ModuleRef;

  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /**
   * Looks at the transports, and at the workers of this process.
   *
   * @param key under which the result stands.
   * @throws UnknownTransportError, InvalidOptionError; ModuleMissingError if the application has no `MessengerModule`. What is wrong with a broker is not thrown, but told in the result.
   */
  async check<const Key extends string>(
    key: Key,
    options: MessengerHealthOptions = {},
  ): Promise<Record<Key, MessengerHealth>> {
    const resolved = resolveHealthOptions(options);
    const registry = this.#get(TransportRegistry);
    const { states } = this.#get(InProcessWorkers);
    const chosen = (options.transports ?? registry.names()).map(
      (name) => [name, registry.get(name)] as const,
    );
    const ages = await this.#pollAges(states, resolved);
    const checks = await Promise.all(
      chosen.map(async ([name, transport]) => {
        return [name, await checkTransport(name, transport, ages, resolved)] as const;
      }),
    );
    const workers = states.map(checkWorker);
    const isUp = [...workers, ...checks.map(([, check]) => check)].every(({ status }) => status === 'up');
    const health: MessengerHealth = {
      status: isUp ? 'up' : 'down',
      transports: Object.fromEntries(checks),
      ...(workers.length > 0 && { workers }),
    };
    return { [key]: health } as Record<Key, MessengerHealth>;
  }

  /** Nothing unless it is asked for: the list of workers costs a question. */
  async #pollAges(
    here: readonly WorkerState[],
    { maxPollAge, timeout }: ResolvedHealthOptions,
  ): Promise<PollAges | undefined> {
    if (maxPollAge === undefined) {
      return undefined;
    }
    const { value, trouble } = await answerWithin(timeout, this.#get(WorkerRolls).attendance());
    return { of: pollAges(here, value?.workers ?? []), trouble: trouble ?? value?.errors.at(0) };
  }

  #get<T>(type: Type<T>): T {
    try {
      return this.#moduleRef.get(type, { strict: false });
    } catch {
      // All that Nest says is which class it did not find.
      throw new ModuleMissingError();
    }
  }
}

function checkWorker(state: WorkerState): WorkerCheck {
  const { isReady, reasons } = healthOf(state);
  return { id: state.info.id, status: isReady ? 'up' : 'down', reasons };
}
