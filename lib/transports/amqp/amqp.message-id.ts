import { createHash } from 'node:crypto';
import type { AmqpMessage } from './amqp.driver.js';

/** What ids begin with that are made of the content. A copy of such a message carries its id as if it were its own. */
const OF_CONTENT = 'content-';

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
  const digest = createHash('sha256').update(`${described}\n`).update(content).digest('hex');
  return `${OF_CONTENT}${digest.slice(0, 32)}`;
}

/** Whether no other message has this id of {@link idOf}. */
export function isUniqueId(id: string): boolean {
  return !id.startsWith(OF_CONTENT);
}
