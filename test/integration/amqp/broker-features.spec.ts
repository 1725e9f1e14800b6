import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { sendableCopy } from '../../../lib/failure/sendable-copy.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { Settler } from '../../../lib/transport/settler.js';
import { AmqpReceivedStamp, AmqpStamp } from '../../../lib/transports/amqp/amqp.stamps.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import { RecordingLogger, rejectionOf } from '../../fixtures/core.js';
import { eventually } from '../redis/support/eventually.js';
import { Note, serializerFor } from '../redis/setup.js';
import { BROKER_START_MS, startBroker } from './support/broker.js';
import { addDelayedExchange } from './support/delayed-exchange.js';
import { uniqueName } from './support/topology.js';
import { perFile } from './support/vhost.js';

// Of its own: it is configured as others are not.
vi.setConfig({ hookTimeout: BROKER_START_MS, testTimeout: 60_000 });
const broker = perFile((lifetime) =>
  startBroker(lifetime, {
    plugins: ['rabbitmq_auth_mechanism_ssl'],
    config: ['auth_mechanisms.1 = PLAIN', 'auth_mechanisms.2 = EXTERNAL'],
  }),
);

function openTransport(options: Readonly<Record<string, unknown>> = {}, name = uniqueName()) {
  const logger = new RecordingLogger();
  const transport = new AmqpTransportFactory().create(new Dsn(`${broker().url}/${name}`, 'async'), options, {
    transportName: 'async',
    serializer: serializerFor(Note),
    logger,
  });
  onTestFinished(() => transport.close());
  const next = async (wait = 10_000): Promise<Envelope | undefined> => (await transport.get({ wait }))[0];
  return { transport, logger, next, name };
}

describe('a handler that takes longer than the "consumer_timeout" of the broker', () => {
  const USUAL_MS = 1_800_000;

  it('has its message taken away, is told why, and settles nothing any more', async () => {
    await broker().control('eval', 'application:set_env(rabbit, consumer_timeout, 50).');
    onTestFinished(
      async () =>
        void (await broker().control('eval', `application:set_env(rabbit, consumer_timeout, ${USUAL_MS}).`)),
    );
    const { transport, logger, next } = openTransport();
    const settler = new Settler(transport, 'async', logger);
    await transport.send([new Envelope(new Note('long'))]);
    const late = await next();

    const isLost = () => logger.texts('warn').some((text) => text.includes('has lost the channel'));
    await eventually(
      'the broker had noticed',
      async () => {
        // It looks once a minute, and when it is told to.
        await broker().control('eval', '[Channel ! tick || Channel <- rabbit_channel:list()].');
        return isLost();
      },
      30_000,
    );
    const warning = logger.lines.find(({ text }) => text.includes('has lost the channel'));
    expect(warning?.text).toContain('1 message(s) in hand will be delivered again.');
    expect(String(warning?.context?.error)).toMatch(
      /a message was held for too long without being settled, so \S+ took it back: .*timed out.*raise "consumer_timeout"/,
    );

    expect(await settler.ack(late!)).toBe(false);
    expect(settler.lateCount).toBe(1);
    expect(logger.texts('warn').at(-1)).toContain(
      'Too late to acknowledge 1 message(s) of transport "async"',
    );

    const again = await next();
    expect(again?.message).toEqual(new Note('long'));
    expect(again?.last(RedeliveredStamp)?.deliveryCount).toBe(2);
    expect(await settler.ack(again!)).toBe(true);
    expect(await next(0)).toBeUndefined();
  });
});

describe('logging in by a certificate ("sasl_method" is "external")', () => {
  const USER = 'CN=messenger-client';

  function openByCertificate() {
    const { caFile, client } = broker().certificates;
    const options = { cacert: caFile, cert: client.certFile, key: client.keyFile, sasl_method: 'external' };
    const query = new URLSearchParams(options).toString();
    const transport = new AmqpTransportFactory().create(
      new Dsn(`amqps://127.0.0.1:${broker().tlsPort}/%2f/${uniqueName()}?${query}`, 'async'),
      {},
      { transportName: 'async', serializer: serializerFor(Note) },
    );
    onTestFinished(() => transport.close());
    return transport;
  }

  it('is refused, with what to do, while the broker has no user of that name', async () => {
    const { message } = await rejectionOf(openByCertificate().setup());
    expect(message).toContain('refuses the connection (');
    expect(message).toContain('rabbitmqctl add_user "CN=NAME"');
  });

  it('needs neither a user name nor a password', async () => {
    await broker().control('add_user', USER, 'never used');
    await broker().control('set_permissions', USER, '.*', '.*', '.*');
    const transport = openByCertificate();
    await transport.send([new Envelope(new Note('secret'))]);
    expect((await transport.get({ wait: 10_000 }))[0]?.message).toEqual(new Note('secret'));
    expect(await broker().control('list_connections', 'user', 'auth_mechanism')).toMatch(
      new RegExp(`${USER}\\s+EXTERNAL`),
    );
  });

  it('is told how to enable it where the broker does not offer it', async () => {
    await broker().control('eval', "application:set_env(rabbit, auth_mechanisms, ['PLAIN']).");
    try {
      expect((await rejectionOf(openByCertificate().setup())).message).toContain(
        'rabbitmq-plugins enable rabbitmq_auth_mechanism_ssl',
      );
    } finally {
      await broker().control('eval', "application:set_env(rabbit, auth_mechanisms, ['PLAIN', 'EXTERNAL']).");
    }
  });
});

describe('exchanges that delay messages ("delay[strategy]" is "plugin")', () => {
  const PLUGIN = { strategy: 'plugin' };

  it('are refused by name while the broker has none', async () => {
    const { transport } = openTransport({ delay: PLUGIN });
    const { message } = await rejectionOf(transport.setup());
    expect(message).toContain('has no plugin for delayed messages');
    expect(message).toContain('rabbitmq-plugins enable rabbitmq_delayed_message_exchange');
  });

  describe('that the broker has', () => {
    beforeAll(() => addDelayedExchange(broker()));

    function setup(options: Readonly<Record<string, unknown>> = {}) {
      return openTransport({ delay: { ...PLUGIN, exchangeName: `${uniqueName()}_delays` }, ...options });
    }

    /** Received not before `sentAt + delay`. */
    async function expectDelayed(next: () => Promise<Envelope | undefined>, sentAt: number, delay: number) {
      const received = await next();
      expect(performance.now() - sentAt).toBeGreaterThanOrEqual(delay - 1);
      return received;
    }

    it('hold a message back without a queue to wait in, and pass it on to the exchange', async () => {
      const { transport, next, name } = setup();
      const sentAt = performance.now();
      await transport.send([new Envelope(new Note('later'), [new DelayStamp(300)])]);
      await transport.send([new Envelope(new Note('now'))]);
      const now = await next();
      expect(now?.message).toEqual(new Note('now'));
      const later = await expectDelayed(next, sentAt, 300);
      expect(later?.message).toEqual(new Note('later'));
      expect(later?.last(AmqpReceivedStamp)?.properties.headers).not.toHaveProperty('x-delay');
      await transport.ack([now!, later!]);
      const queues = await broker().rabbitmqctl('list_queues', '--no-table-headers', 'name');
      expect(queues.split('\n').filter((queue) => queue.includes(name))).toEqual([name]);
    });

    it('keep the routing key', async () => {
      const [stock, mail] = [uniqueName(), uniqueName()];
      const { transport, next } = setup({
        exchange: { type: 'direct' },
        queues: { [stock]: { bindingKeys: ['stock'] }, [mail]: { bindingKeys: ['mail'] } },
      });
      await transport.send([new Envelope(new Note('a'), [new DelayStamp(50), new AmqpStamp('mail')])]);
      const received = await next();
      expect(received?.last(AmqpReceivedStamp)).toMatchObject({ queueName: mail, routingKey: 'mail' });
    });

    it('let a retry come back only to the queue in which the message failed', async () => {
      const [stock, mail] = [uniqueName(), uniqueName()];
      const { transport } = setup({ queues: { [stock]: {}, [mail]: {} } });
      const nextIn = async (queue: string, wait = 10_000) =>
        (await transport.get({ wait, queues: [queue] }))[0];
      await transport.send([new Envelope(new Note('a'))]);
      await transport.ack([(await nextIn(mail))!]);
      const failed = await nextIn(stock);
      const sentAt = performance.now();
      await transport.send([
        sendableCopy(failed!, new Error('No.')).with(new RedeliveryStamp(1, new Date()), new DelayStamp(300)),
      ]);
      await transport.ack([failed!]);
      const retried = await expectDelayed(() => nextIn(stock), sentAt, 300);
      expect(retried?.last(RedeliveryStamp)?.retryCount).toBe(1);
      expect(await nextIn(mail, 0)).toBeUndefined();
    });

    it('have the types that the plugin wants', async () => {
      const { transport } = setup();
      await transport.setup();
      const list = await broker().rabbitmqctl(
        'list_exchanges',
        '--no-table-headers',
        'name',
        'type',
        'arguments',
      );
      const delaying = list.split('\n').filter((line) => line.includes('\tx-delayed-message\t'));
      expect(delaying.some((line) => /_delays\.queues\t.*"x-delayed-type","direct"/.test(line))).toBe(true);
      expect(delaying.some((line) => /_delays\.exchange\..*"x-delayed-type","fanout"/.test(line))).toBe(true);
    });
  });
});
