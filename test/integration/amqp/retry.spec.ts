import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { sendableCopy } from '../../../lib/failure/sendable-copy.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { RedeliveryStamp } from '../../../lib/stamp/redelivery.stamp.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpTransportFactory } from '../../../lib/transports/amqp/amqp.transport-factory.js';
import { Note, serializerFor } from '../redis/setup.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

/** An exchange that hands each message to two queues. */
function setup() {
  const name = `notes_${randomBytes(4).toString('hex')}`;
  const [stock, mail] = [`${name}_stock`, `${name}_mail`];
  const transport = new AmqpTransportFactory().create(
    new Dsn(`${vhost().url}/${name}`, 'async'),
    { queues: { [stock]: {}, [mail]: {} } },
    { transportName: 'async', serializer: serializerFor(Note) },
  );
  onTestFinished(() => transport.close());
  const next = async (queue: string, wait: number): Promise<Envelope | undefined> => {
    const [envelope] = await transport.get({ wait, queues: [queue] });
    return envelope;
  };
  return { transport, stock, mail, next };
}

it.each([0, 100])(
  'a retry after %i ms returns only to the queue in which the message failed',
  async (delay) => {
    const { transport, stock, mail, next } = setup();
    await transport.send([new Envelope(new Note('a'))]);
    const handled = await next(mail, 5000);
    await transport.ack([handled!]);
    const failed = await next(stock, 5000);

    const copy = sendableCopy(failed!, new Error('No.')).with(
      new RedeliveryStamp(1, new Date()),
      new DelayStamp(delay),
    );
    await transport.send([copy]);
    await transport.ack([failed!]);

    const retried = await next(stock, 5000);
    expect(retried?.last(RedeliveryStamp)?.retryCount).toBe(1);
    await transport.ack([retried!]);
    expect(await next(mail, 200)).toBeUndefined();
  },
);
