import type { Finding } from '../../transport/finding.js';
import { brokerTextOf, codeOf, isVague, textOfError } from './amqp.connection-errors.js';
import type { AmqpChannel } from './amqp.driver.js';
import { onOwnChannel } from './amqp.look.js';
import type { ResolvedAmqpOptions } from './amqp.options.js';
import type { QueueOptions } from './amqp.queue-options.js';
import type { AmqpSession } from './amqp.session.js';
import {
  autoDeletedQueue,
  exclusiveQueue,
  settingsFindings,
  transientExchange,
  transientQueue,
} from './amqp.settings-findings.js';
import { differenceIn } from './amqp.topology-errors.js';

/** What became of asking the broker: it agreed, or it refused with this code and these words. */
type Answer = { readonly code: unknown; readonly text: string } | undefined;

/** The broker's reply codes. */
const ACCESS_REFUSED = 403;
const NOT_FOUND = 404;
const RESOURCE_LOCKED = 405;

/**
 * Looks for what may lose messages: in the options, and in the exchange and the queues as they are. Changes nothing.
 *
 * RabbitMQ does not tell how something that exists was declared. But when it is declared otherwise it refuses and says what differs,
 * its durability first. So that nothing is made that way, only what exists is declared.
 */
export class AmqpDiagnosis {
  readonly #session: AmqpSession;
  readonly #options: ResolvedAmqpOptions;

  constructor(session: AmqpSession, options: ResolvedAmqpOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** @throws TransportError when the broker does not answer. */
  async findings(): Promise<readonly Finding[]> {
    const { exchange, queues } = this.#options;
    const found = [
      ...settingsFindings(this.#options),
      ...(exchange.name === '' ? [] : await this.#ofExchange()),
      ...(await Promise.all([...queues].map(([name, queue]) => this.#ofQueue(name, queue)))).flat(),
    ];
    // What the options say is so in the broker as well, as a rule.
    return [...new Map(found.map((finding) => [JSON.stringify(finding), finding])).values()];
  }

  async #ofExchange(): Promise<readonly Finding[]> {
    const { name, type, autoDelete, internal, arguments: args } = this.#options.exchange;
    const what = `the exchange "${name}"`;
    const looked = await this.#ask((channel) => channel.checkExchange(name));
    if (looked !== undefined) {
      return this.#refused(what, looked);
    }
    const declared = await this.#ask((channel) =>
      channel.assertExchange(name, type, { durable: true, autoDelete, internal, arguments: args }),
    );
    return isAbout(declared, 'durable') ? [transientExchange(name)] : this.#refused(what, declared);
  }

  async #ofQueue(name: string, { arguments: args }: QueueOptions): Promise<readonly Finding[]> {
    const what = `the queue "${name}"`;
    const looked = await this.#ask((channel) => channel.checkQueue(name));
    if (looked !== undefined) {
      return looked.code === RESOURCE_LOCKED ? [exclusiveQueue(name)] : this.#refused(what, looked);
    }
    const declare = (durable: boolean): Promise<Answer> =>
      this.#ask((channel) => channel.assertQueue(name, { durable, autoDelete: false, arguments: args }));
    const declared = await declare(true);
    const isTransient = isAbout(declared, 'durable');
    const answer = isTransient ? await declare(false) : declared;
    return [
      ...(isTransient ? [transientQueue(name)] : []),
      ...(isAbout(answer, 'auto_delete') ? [autoDeletedQueue(name)] : this.#refused(what, answer)),
    ];
  }

  /** What a refusal means that is about something else. */
  #refused(what: string, answer: Answer): readonly Finding[] {
    const { server } = this.#session.connection;
    if (answer?.code === NOT_FOUND) {
      return [
        {
          code: 'amqp.missing',
          level: this.#options.autoSetup ? 'advice' : 'loss',
          problem: `${what} does not exist on ${server}${this.#options.autoSetup ? ' yet' : ', and nobody creates it: dispatching fails'}.`,
          remedy: 'Run the command "setup-transports".',
        },
      ];
    }
    if (answer?.code === ACCESS_REFUSED) {
      return [
        {
          code: 'amqp.permission',
          level: 'unchecked',
          problem: `the user has no permission to look at ${what}, so whether it is durable could not be checked.`,
          remedy: 'Run this command as a user who may configure it, or look at it with "rabbitmqctl".',
        },
      ];
    }
    return [];
  }

  /** Resolves with what the broker says against it. @throws TransportError when the connection is lost. */
  async #ask(work: (channel: AmqpChannel) => Promise<unknown>): Promise<Answer> {
    try {
      await onOwnChannel(this.#session, work);
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      if (typeof code !== 'number' || isVague(error)) {
        throw this.#session.errorOf(error);
      }
      return { code, text: brokerTextOf(textOfError(error)) };
    }
  }
}

/** Whether the broker refused because of this argument. */
function isAbout(answer: Answer, argument: string): boolean {
  return answer !== undefined && differenceIn(answer.text)?.argument === argument;
}
