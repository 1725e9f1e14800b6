import type { AmqpProperties } from './amqp.driver.js';
import type { AmqpAddress } from './amqp.topology.js';

/** One message, and where it is published to. */
export interface AmqpPublication {
  readonly address: AmqpAddress;
  readonly body: Buffer;
  readonly properties: AmqpProperties;
  /** Whether it is an error if it reaches no queue. */
  readonly mandatory: boolean;
  /** Asks for the address anew if it does not hold any more when the message can be written. */
  readonly renewAddress?: () => Promise<AmqpAddress>;
}

/** Whether what was declared for it may be gone. */
export function isStale({ until }: AmqpAddress): boolean {
  return until !== undefined && performance.now() >= until;
}
