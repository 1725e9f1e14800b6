import { setTimeout as sleep } from 'node:timers/promises';
import { TransportError } from '../../errors/transport.error.js';
import type { AmqpChannel, AmqpMessage } from './amqp.driver.js';
import { codeOf } from './amqp.connection-errors.js';
import { closeQuietly } from './amqp.look-lease.js';
import type { AmqpRenewal } from './amqp.renewal.js';
import type { AmqpSession } from './amqp.session.js';
import type { AmqpTopology } from './amqp.topology.js';

/** How many messages of a queue are looked at. */
export const MOST_LOOKED_AT = 10_000;

/** How many bytes are taken at once; the message that exceeds it is the last. */
const MOST_BYTES = 64 * 1024 * 1024;

/** How long a look takes, in milliseconds. Meanwhile nobody else sees what was looked at. */
const LOOK_MS = 5000;

/** How long to wait for what is handed back, and between two looks at whether it is there, in milliseconds. */
const [RETURN_MS, RETURN_PAUSE_MS] = [200, 2];

const NOT_FOUND = 404;

/** Where to look, and what keeps it from doing harm. */
export interface AmqpLookPlace {
  readonly session: AmqpSession;
  readonly renewal: AmqpRenewal;
  readonly queue: string;
}

/** What was taken from a queue, the oldest first. */
export interface AmqpLook {
  readonly taken: readonly AmqpMessage[];
  /** `end`: no more waited. `enough`: as asked. `bound`: a bound was met. */
  readonly stoppedAt: 'end' | 'enough' | 'bound';
  /** How many more waited then. */
  readonly left: number;
}

/**
 * Takes messages from a queue without settling them, until there are `limit`, or 64 MiB, or five seconds are over, or
 * `isEnough` says so of the last.
 */
export async function look(
  channel: AmqpChannel,
  queue: string,
  limit: number,
  isEnough: (message: AmqpMessage) => boolean = () => false,
): Promise<AmqpLook> {
  const deadline = performance.now() + LOOK_MS;
  const taken: AmqpMessage[] = [];
  for (let bytes = 0; taken.length < limit && bytes < MOST_BYTES && performance.now() < deadline;) {
    const message = await channel.get(queue);
    if (message === false) {
      return { taken, stoppedAt: 'end', left: 0 };
    }
    taken.push(message);
    bytes += message.content.length;
    if (isEnough(message)) {
      return { taken, stoppedAt: 'enough', left: leftBehind(message) };
    }
  }
  return { taken, stoppedAt: 'bound', left: leftBehind(taken.at(-1)) };
}

/** Looks, and hands everything back. */
export async function lookOnce(
  { session, renewal, queue }: AmqpLookPlace,
  limit: number,
  isEnough?: (message: AmqpMessage) => boolean,
): Promise<AmqpLook> {
  const seen = await onOwnChannel(session, async (channel) => {
    const taken = await look(channel, queue, limit, isEnough);
    await renewal.renew(channel, queue, taken.taken);
    return taken;
  });
  await handedBack(session, queue, seen.taken.length + seen.left);
  return seen;
}

/**
 * Waits until a queue has so many messages again. It takes back what was handed back only a moment after the broker has answered,
 * and who looked before would miss it. Where consumers take from the queue it never has as many again, so this ends after a fifth
 * of a second.
 */
export async function handedBack(session: AmqpSession, queue: string, count: number): Promise<void> {
  const deadline = performance.now() + RETURN_MS;
  await onOwnChannel(session, async (channel) => {
    while ((await channel.checkQueue(queue)).messageCount < count && performance.now() < deadline) {
      await sleep(RETURN_PAUSE_MS);
    }
  });
}

/** Runs `work` with a channel of its own. What it took and did not settle goes back to its place when it ends. */
export async function onOwnChannel<T>(
  session: AmqpSession,
  work: (channel: AmqpChannel) => Promise<T>,
): Promise<T> {
  const channel = await session.channel();
  try {
    return await work(channel);
  } finally {
    await closeQuietly(channel);
  }
}

/** Runs `work` with the queues declared; once more if one was deleted since. */
export async function withQueues<T>(topology: AmqpTopology, work: () => Promise<T>): Promise<T> {
  await topology.ensure();
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) {
      throw error;
    }
    topology.forget();
    await topology.ensure();
    return work();
  }
}

/** A message was not found, but there is more than what was looked at. */
export function notAmongThose(transportName: string, id: string, queue: string): TransportError {
  return new TransportError(
    transportName,
    `message "${id}" is not among the oldest messages of the queue "${queue}", and RabbitMQ cannot search further. At most ` +
      `${MOST_LOOKED_AT} messages, 64 MiB and five seconds are looked at. Settle those before it first.`,
  );
}

/** How many messages waited behind one when it was taken. */
function leftBehind(message: AmqpMessage | undefined): number {
  return message?.fields.messageCount ?? 0;
}
