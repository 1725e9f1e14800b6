import { createHash } from 'node:crypto';

/** The names of exchanges and queues have at most so many bytes. */
const LONGEST_NAME = 255;

/**
 * The name of what stands beside an exchange or a queue: its own with a suffix, `orders.workers`. Where that would be too long for
 * RabbitMQ, a hash takes the place of `owner`.
 */
export function companionNameOf(owner: string, suffix: string): string {
  const name = `${owner}${suffix}`;
  return Buffer.byteLength(name) > LONGEST_NAME
    ? `${createHash('sha256').update(owner).digest('hex').slice(0, 32)}${suffix}`
    : name;
}
