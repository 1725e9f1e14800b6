import { setTimeout as sleep } from 'node:timers/promises';
import type { AmqpChannel } from './amqp.driver.js';
import { companionNameOf } from './amqp.companion-name.js';
import { codeOf } from './amqp.connection-errors.js';
import type { AmqpSession } from './amqp.session.js';

/** How long to wait for others who look, in milliseconds: a little longer than one may take, see `LOOK_MS`. */
const PATIENCE_MS = 6000;

/** Milliseconds between two tries, at the least; at random up to twice as long, so that those who wait do not collide. */
const PAUSE_MS = 15;

/** RabbitMQ removes a lease whose taker was lost before it had it. */
const ARGUMENTS = { 'x-queue-type': 'classic', 'x-expires': 60_000 };

const [ACCESS_REFUSED, NOT_FOUND, RESOURCE_LOCKED] = [403, 404, 405];

/**
 * Runs `work` while nobody else looks into the queue.
 *
 * RabbitMQ shows a message only to one at a time. Who looks while others do would not see what is in their hands, and miss
 * a message that is there. So those who look take turns: the lease is a queue beside it, `<queue>.look`, which only one may
 * consume from, and which goes with the channel of who holds it.
 *
 * Without the permission to create that queue, and after six seconds, `work` runs anyhow.
 */
export async function lookAlone<T>(session: AmqpSession, queue: string, work: () => Promise<T>): Promise<T> {
  const lease = await takeLease(session, companionNameOf(queue, '.look'));
  try {
    return await work();
  } finally {
    await (lease === undefined ? undefined : closeQuietly(lease));
  }
}

/** Closes a channel that may be closed already. What was taken on it and not settled goes back to its place. */
export async function closeQuietly(channel: AmqpChannel): Promise<void> {
  try {
    await channel.close();
  } catch {
    // It is closed.
  }
}

async function takeLease(session: AmqpSession, name: string): Promise<AmqpChannel | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const channel = await session.channel();
    const outcome = await attempt(channel, name);
    if (outcome === 'held') {
      return channel;
    }
    if (outcome === 'impossible' || performance.now() > deadline) {
      await closeQuietly(channel);
      return undefined;
    }
    await sleep(PAUSE_MS * (1 + Math.random()));
  }
}

async function attempt(channel: AmqpChannel, name: string): Promise<'held' | 'taken' | 'impossible'> {
  try {
    await channel.assertQueue(name, { durable: true, autoDelete: true, arguments: ARGUMENTS });
  } catch (error) {
    return outcomeOf(error, [NOT_FOUND, RESOURCE_LOCKED]);
  }
  try {
    await channel.consume(name, () => undefined, { exclusive: true, noAck: true });
    return 'held';
  } catch (error) {
    // Between the two commands its last holder may have left, and the queue with it.
    return outcomeOf(error, [ACCESS_REFUSED, NOT_FOUND, RESOURCE_LOCKED]);
  }
}

/** What the broker refuses for another reason it will refuse again. */
function outcomeOf(error: unknown, whenTaken: readonly number[]): 'taken' | 'impossible' {
  const code = codeOf(error);
  if (typeof code !== 'number') {
    throw error;
  }
  return whenTaken.includes(code) ? 'taken' : 'impossible';
}
