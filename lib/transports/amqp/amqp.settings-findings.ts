import type { Finding } from '../../transport/finding.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { QueueOptions } from './amqp.queue-options.js';

/** What the options of a transport ask for that may lose messages. */
export function settingsFindings(options: ResolvedAmqpOptions): readonly Finding[] {
  const { exchange, queues, delay } = options;
  return [
    ...(exchange.name === '' || exchange.durable || exchange.passive
      ? []
      : [transientExchange(exchange.name)]),
    ...[...queues].flatMap(([name, queue]) => [...lifetime(name, queue), ...drops(name, queue)]),
    ...(queues.size === 0 ? [unroutable(exchange.name)] : []),
    ...(delay.strategy === 'plugin' ? [delayPlugin(delay.exchangeName)] : []),
  ];
}

/** What is so with an exchange that does not survive a restart, by the options or in the broker. */
export function transientExchange(name: string): Finding {
  return {
    code: 'amqp.exchange-durability',
    level: 'loss',
    problem:
      `the exchange "${name}" is not durable: it is gone after a restart of RabbitMQ, and delayed messages that are due before it ` +
      'is declared again are dropped.',
    remedy: 'Delete it, set "exchange[durable]" to true, and run the command "setup-transports".',
  };
}

/** What is so with a queue that does not survive a restart, by the options or in the broker. */
export function transientQueue(name: string): Finding {
  return {
    code: 'amqp.queue-durability',
    level: 'loss',
    problem: `the queue "${name}" is not durable: a restart of RabbitMQ deletes it with all its messages.`,
    remedy: `Empty and delete it, set "queues[${name}][durable]" to true, and run the command "setup-transports".`,
  };
}

/** What is so with a queue that goes with the connection that declared it, by the options or in the broker. */
export function exclusiveQueue(name: string): Finding {
  return {
    code: 'amqp.queue-exclusive',
    level: 'loss',
    problem: `the queue "${name}" is exclusive: it is deleted with all its messages when the connection ends that declared it.`,
    remedy: `Set "queues[${name}][exclusive]" to false.`,
  };
}

/** What is so with a queue that goes with its last consumer, by the options or in the broker. */
export function autoDeletedQueue(name: string): Finding {
  return {
    code: 'amqp.queue-auto-delete',
    level: 'loss',
    problem: `the queue "${name}" is deleted with all its messages when its last worker ends ("auto_delete").`,
    remedy: `Empty and delete it, set "queues[${name}][auto_delete]" to false, and run the command "setup-transports".`,
  };
}

function lifetime(
  name: string,
  { durable, exclusive, autoDelete, passive }: QueueOptions,
): readonly Finding[] {
  return passive
    ? []
    : [
        ...(durable ? [] : [transientQueue(name)]),
        ...(exclusive ? [exclusiveQueue(name)] : []),
        ...(autoDelete ? [autoDeletedQueue(name)] : []),
      ];
}

/** Arguments by which a queue drops messages. With a dead letter exchange they go there. */
function drops(name: string, { arguments: args }: QueueOptions): readonly Finding[] {
  if ('x-dead-letter-exchange' in args) {
    return [];
  }
  return [...tooMany(name, args), ...tooOld(name, args), ...deliveryLimit(name, args)];
}

function tooMany(name: string, args: QueueOptions['arguments']): readonly Finding[] {
  const key = ['x-max-length', 'x-max-length-bytes'].find((each) => each in args);
  const overflow = args['x-overflow'];
  return key === undefined || (typeof overflow === 'string' && overflow.startsWith('reject-publish'))
    ? []
    : [
        {
          code: 'amqp.queue-max-length',
          level: 'loss',
          problem: `the queue "${name}" has "${key}" ${String(args[key])}: when it is full, it drops the oldest messages.`,
          remedy: 'Leave it out, or add "x-overflow: reject-publish", with which dispatching fails instead.',
        },
      ];
}

function tooOld(name: string, args: QueueOptions['arguments']): readonly Finding[] {
  const remedy = 'Leave it out, or name an "x-dead-letter-exchange" that keeps what is dropped.';
  const findings: ReadonlyArray<Finding | false> = [
    'x-message-ttl' in args && {
      code: 'amqp.queue-message-ttl',
      level: 'loss',
      problem: `the queue "${name}" has "x-message-ttl" ${String(args['x-message-ttl'])}: it drops messages that wait for so many milliseconds.`,
      remedy,
    },
    'x-expires' in args && {
      code: 'amqp.queue-expires',
      level: 'loss',
      problem: `the queue "${name}" has "x-expires" ${String(args['x-expires'])}: it is deleted with its messages when nobody uses it for so many milliseconds.`,
      remedy,
    },
  ];
  return findings.filter((finding) => finding !== false);
}

function deliveryLimit(name: string, args: QueueOptions['arguments']): readonly Finding[] {
  const limit = Number(args['x-delivery-limit'] ?? 20);
  return args['x-queue-type'] !== 'quorum' || limit === -1
    ? []
    : [
        {
          code: 'amqp.queue-delivery-limit',
          level: 'advice',
          problem:
            `the quorum queue "${name}" drops a message that was delivered too often, ` +
            `${limit} times from RabbitMQ 4 on: one that ends its worker, or that people look at.`,
          remedy:
            'Set its argument "x-delivery-limit" to -1; a worker gives such a message to the failure transport anyway ("maxDeliveries").',
        },
      ];
}

function unroutable(exchange: string): Finding {
  return {
    code: 'amqp.unroutable',
    level: 'advice',
    problem: `the transport has no queues: what reaches no queue of the exchange "${exchange}" is dropped, and dispatching succeeds.`,
    remedy: 'Name the queues under "queues", or add the flag "mandatory" by an AmqpStamp.',
  };
}

function delayPlugin(exchange: string): Finding {
  return {
    code: 'amqp.delay-plugin',
    level: 'advice',
    problem:
      `delayed messages wait in the exchange "${exchange}.…" of a plugin: on one node of the cluster only, and what reaches no queue when ` +
      'it is due is dropped.',
    remedy: 'Set "delay[strategy]" to "queues".',
  };
}
