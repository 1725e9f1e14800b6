import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../lib/errors/transport.error.js';
import {
  type AmqpSubject,
  differenceIn,
  toTopologyError,
} from '../../../lib/transports/amqp/amqp.topology-errors.js';

const PLACE = { transportName: 'async', server: 'amqp://host:5672/%2F', vhost: '/', autoSetup: true };
const QUEUE: AmqpSubject = { kind: 'queue', name: 'q', passive: false };
const EXCHANGE: AmqpSubject = { kind: 'exchange', name: 'x', passive: false };

function brokerError(code: number, text: string): Error {
  return Object.assign(new Error(`Operation failed: QueueDeclare; ${code} (NAME) with message "${text}"`), {
    code,
  });
}

function textFor(subject: AmqpSubject, error: unknown, differences: Partial<typeof PLACE> = {}): string {
  return toTopologyError({ ...PLACE, ...differences }, subject, error)?.message ?? 'nothing';
}

describe('What differs', () => {
  it.each([
    [
      "inequivalent arg 'x-message-ttl' for queue 'q' in vhost 'v': received '1' but current is '2'",
      { argument: 'x-message-ttl', wanted: '1', current: '2' },
    ],
    [
      "inequivalent arg 'x-max-priority' for queue 'q' in vhost 'v': received none but current is the value '5' of type 'signedint'",
      { argument: 'x-max-priority', wanted: undefined, current: '5' },
    ],
    [
      "inequivalent arg 'x-queue-type' for queue 'q' in vhost 'v': received the value 'quorum' of type 'longstr' but current is none",
      { argument: 'x-queue-type', wanted: 'quorum', current: undefined },
    ],
    [
      "inequivalent arg 'type' for exchange 'x' in vhost 'v': received 'direct' but current is 'fanout'",
      { argument: 'type', wanted: 'direct', current: 'fanout' },
    ],
  ])('is read from "%s"', (text, difference) => {
    expect(differenceIn(text)).toEqual(difference);
  });

  it('is nothing if RabbitMQ speaks of something else', () => {
    expect(
      differenceIn("invalid arg 'x-message-ttl' for queue 'q' in vhost 'v': {value_negative,-5}"),
    ).toBeUndefined();
  });
});

describe('The error of a declaration', () => {
  const different = brokerError(
    406,
    "PRECONDITION_FAILED - inequivalent arg 'x-max-priority' for queue 'q' in vhost '/': received '10' but current is '5'",
  );

  it('says which argument of a queue differs, and the three ways out', () => {
    const text = textFor(QUEUE, different);

    expect(text).toContain(
      'the queue "q" exists on amqp://host:5672/%2F with another "x-max-priority": it has 5, and 10 is asked for.',
    );
    expect(text).toContain('go back to what it has ("queues[q][arguments][x-max-priority]")');
    expect(text).toContain('name a new queue under "queues"');
    expect(text).toContain('delete it when it is empty (rabbitmqctl delete_queue -p / q)');
    expect(text).toContain('"setup-transports"');
  });

  it('keeps the error of the broker as its cause', () => {
    const error = toTopologyError(PLACE, QUEUE, different);

    expect(error).toBeInstanceOf(TransportError);
    expect(error?.cause).toBe(different);
  });

  it('names the option of a property of an exchange', () => {
    const text = textFor(
      EXCHANGE,
      brokerError(
        406,
        "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x' in vhost '/': received 'direct' but current is 'fanout'",
      ),
    );
    expect(text).toContain('it has fanout, and direct is asked for.');
    expect(text).toContain('"exchange[type]"');
  });

  it('advises another name pattern for a delay queue', () => {
    const text = textFor({ kind: 'delay-queue', name: 'delay_x__1000_delay' }, different);
    expect(text).toContain('Set "delay[queue_name_pattern]" to another pattern');
  });

  it('says what RabbitMQ does not like of an argument, and where it is set', () => {
    const text = textFor(
      QUEUE,
      brokerError(
        406,
        "PRECONDITION_FAILED - invalid arg 'x-expires' for queue 'q' in vhost '/': {value_zero,0}",
      ),
    );
    expect(text).toContain(
      "refuses the queue \"q\": invalid arg 'x-expires' for queue 'q' in vhost '/': {value_zero,0}. Correct \"queues[q]\".",
    );
  });

  it('names "setup-transports" for what is missing while "auto_setup" is off', () => {
    const missing = brokerError(404, "NOT_FOUND - no exchange 'delays' in vhost '/'");
    const text = textFor({ kind: 'delay-exchange', name: 'delays' }, missing, { autoSetup: false });

    expect(text).toContain(
      'the exchange "delays" does not exist on amqp://host:5672/%2F. Run the command "setup-transports"',
    );
  });

  it('says of a passive queue that this transport does not create it', () => {
    const text = textFor(
      { kind: 'queue', name: 'q', passive: true },
      brokerError(404, "NOT_FOUND - no queue 'q' in vhost '/'"),
    );
    expect(text).toContain('leave "passive" out of "queues[q]"');
  });

  it('names the option of an exchange that is to be bound and is missing', () => {
    const text = textFor(
      { kind: 'source', name: 'events' },
      brokerError(404, "NOT_FOUND - no exchange 'events' in vhost '/'"),
    );
    expect(text).toContain('The option "exchange[bindings]" names it.');
  });

  it('names the plugin of an exchange for delayed messages', () => {
    const text = textFor(
      { kind: 'delay-exchange', name: 'delays.queues' },
      brokerError(503, "COMMAND_INVALID - unknown exchange type 'x-delayed-message'"),
    );
    expect(text).toContain('rabbitmq-plugins enable rabbitmq_delayed_message_exchange');
  });

  it('names the types of exchanges there are', () => {
    const text = textFor(EXCHANGE, brokerError(503, "COMMAND_INVALID - unknown exchange type 'fan'"));
    expect(text).toContain('no exchanges of type "fan". Known are "fanout", "direct", "topic" and "headers"');
  });

  it('is not made of what is no matter of declarations', () => {
    expect(toTopologyError(PLACE, QUEUE, new Error('Channel closed'))).toBeUndefined();
    expect(
      toTopologyError(PLACE, QUEUE, brokerError(403, 'ACCESS_REFUSED - refused for user')),
    ).toBeUndefined();
  });
});
