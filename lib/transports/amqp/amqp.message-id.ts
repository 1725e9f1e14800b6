import { createHash } from 'node:crypto';
import type { AmqpMessage } from './amqp.driver.js';

/**
 * The id under which a message is shown, found and claimed: its property `message_id`. Of a foreign message without one, a
 * digest of its content and of those properties that no delivery changes; so those that are alike have one id.
 */
export function idOf({ content, properties }: AmqpMessage): string {
  const { messageId, contentType, type, timestamp, correlationId } = properties;
  if (typeof messageId === 'string' && messageId !== '') {
    return messageId;
  }
  const described = [contentType, type, timestamp, correlationId].map(String).join('\n');
  return createHash('sha256').update(`${described}\n`).update(content).digest('hex').slice(0, 32);
}
