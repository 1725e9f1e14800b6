import type { AmqpProperties } from './amqp.driver.js';
import type { AmqpAddress } from './amqp.topology.js';

/** One message, and where it is published to. */
export interface AmqpPublication {
  readonly address: AmqpAddress;
  readonly body: Buffer;
  readonly properties: AmqpProperties;
  /** Whether it is an error if it reaches no queue. */
  readonly mandatory: boolean;
}
