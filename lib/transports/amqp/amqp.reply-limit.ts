import type { AmqpChannel } from './amqp.driver.js';

/** What the broker answers. */
const METHODS = [
  'assertQueue',
  'checkQueue',
  'deleteQueue',
  'purgeQueue',
  'bindQueue',
  'unbindQueue',
  'assertExchange',
  'checkExchange',
  'deleteExchange',
  'bindExchange',
  'consume',
  'cancel',
  'get',
  'prefetch',
] as const satisfies ReadonlyArray<keyof AmqpChannel>;

/** Makes what the broker does not answer within so many milliseconds reject. What was asked may be carried out even so. */
export function limitReplies<T extends AmqpChannel>(channel: T, limit: number): T {
  const methods = channel as Record<(typeof METHODS)[number], (...args: unknown[]) => Promise<unknown>>;
  for (const name of METHODS) {
    const ask = methods[name].bind(channel);
    methods[name] = (...args) => within(limit, name, ask(...args));
  }
  return channel;
}

function within<T>(limit: number, name: string, reply: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const tooLate = (): void => reject(new Error(`no answer to ${name} within ${limit} ms ("rpc_timeout")`));
    const timer = setTimeout(tooLate, limit);
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
