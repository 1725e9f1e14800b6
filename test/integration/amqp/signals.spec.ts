import { describe, expect, it, onTestFinished } from 'vitest';
import { Dsn } from '../../../lib/transport/dsn.js';
import { AmqpConnection } from '../../../lib/transports/amqp/amqp.connection.js';
import { loadAmqpDriver } from '../../../lib/transports/amqp/amqp.driver.js';
import { resolveAmqpOptions } from '../../../lib/transports/amqp/amqp.options.js';
import { AmqpSession } from '../../../lib/transports/amqp/amqp.session.js';
import { AmqpSignals } from '../../../lib/transports/amqp/amqp.signals.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { eventually } from '../redis/support/eventually.js';
import { perFile, startVhost } from './support/vhost.js';

const vhost = perFile((lifetime) => startVhost(lifetime));

let last = 0;

/** Processes of one application. */
function setup() {
  const exchange = `app-${(last += 1)}`;
  const clock = new FakeClock();
  const start = (url = vhost().url) => {
    const options = resolveAmqpOptions('orders', new Dsn(url, 'orders'), {
      exchange: { name: exchange },
    });
    const driver = loadAmqpDriver('orders');
    const { endpoint } = options;
    const connection = new AmqpConnection({ driver, endpoint, name: 'test', onClosed: () => undefined });
    const session = new AmqpSession(connection, 'orders');
    connection.join(session);
    const signals = new AmqpSignals(session, options, clock);
    onTestFinished(async () => {
      await signals.close();
      await connection.leave(session);
    });
    return signals;
  };
  return { exchange, clock, start, kept: `${exchange}.signals.stop` };
}

describe('Signals', () => {
  it('are unknown while nobody has given them', async () => {
    expect(await setup().start().read('stop')).toBeUndefined();
  });

  it('have the time of who gave them', async () => {
    const { start, clock } = setup();
    const signals = start();
    await signals.write('stop');
    expect(await signals.read('stop')).toBe(clock.now());
    expect(await start().read('stop')).toBe(clock.now());
  });

  it('are in the broker when they were given', async () => {
    const { start, kept } = setup();
    await start().write('stop');
    const channel = await (await vhost().connect()).createChannel();
    expect(await channel.checkQueue(kept)).toMatchObject({ messageCount: 1 });
  });

  it('that were given before are found by all who ask for the first time, at the same time too', async () => {
    const { start, clock } = setup();
    await start().write('stop');
    const readers = Array.from({ length: 8 }, () => start());
    // The first answer waits for a second only, which a busy machine may need for eight.
    await eventually('all have found it', async () => {
      const times = await Promise.all(readers.map((reader) => reader.read('stop')));
      return times.every((time) => time === clock.now());
    });
  });

  it('are heard by who has asked before', async () => {
    const { start, clock } = setup();
    const [reader, writer] = [start(), start()];
    expect(await reader.read('stop')).toBeUndefined();
    await writer.write('stop');
    await eventually('it was heard', async () => (await reader.read('stop')) === clock.now());
  });

  it('replace earlier ones', async () => {
    const { start, clock, kept } = setup();
    const [reader, writer] = [start(), start()];
    await writer.write('stop');
    const first = await reader.read('stop');
    await clock.advance(1000);
    await writer.write('stop');
    expect(await start().read('stop')).toBe((first ?? 0) + 1000);
    await eventually('it was heard', async () => (await reader.read('stop')) === clock.now());
    const channel = await (await vhost().connect()).createChannel();
    expect(await channel.checkQueue(kept)).toMatchObject({ messageCount: 1 });
  });

  it('are kept apart by their names', async () => {
    const { start, clock } = setup();
    const [reader, writer] = [start(), start()];
    await writer.write('stop');
    await clock.advance(1);
    await writer.write('reload');
    expect(await reader.read('stop')).toBe(clock.now() - 1);
    expect(await reader.read('reload')).toBe(clock.now());
    expect(await reader.read('other')).toBeUndefined();
  });

  it('are kept apart by the exchange', async () => {
    await setup().start().write('stop');
    expect(await setup().start().read('stop')).toBeUndefined();
  });

  it('are heard again after the connection was lost, and what was given meanwhile is not missed', async () => {
    const { start, clock } = setup();
    const [reader, writer] = [start(), start()];
    await reader.read('stop');
    await vhost().closeAllConnections();
    await eventually('it was given', () => writer.write('stop').then(() => true));
    await eventually('it was heard', async () => (await reader.read('stop')) === clock.now());
    await clock.advance(1);
    await writer.write('stop');
    await eventually('the next was heard', async () => (await reader.read('stop')) === clock.now());
  });

  it('are declared again when everything about them was deleted', async () => {
    const { start, clock, exchange, kept } = setup();
    const [reader, writer] = [start(), start()];
    await reader.read('stop');
    const model = await vhost().connect();
    const channel = await model.createChannel();
    await channel.deleteExchange(`${exchange}.signals`);
    await channel.deleteQueue(kept);
    await vhost().closeAllConnections();
    await eventually('it was given', () => writer.write('stop').then(() => true));
    await eventually('it was heard', async () => (await reader.read('stop')) === clock.now());
  });

  it('are answered from memory while the broker is away', async () => {
    const { start, clock } = setup();
    const reader = start();
    await reader.write('stop');
    await reader.read('stop');
    await reader.close();
    expect(await reader.read('stop')).toBe(clock.now());
  });

  it('say what is wrong when the broker refuses the connection, each time', async () => {
    const signals = setup().start(`${vhost().url}-that-does-not-exist`);
    await expect(signals.read('stop')).rejects.toThrow('Transport "orders"');
    await expect(signals.read('stop')).rejects.toThrow('Transport "orders"');
    await expect(signals.write('stop')).rejects.toThrow('Transport "orders"');
  });

  it('keep who asks waiting only once, and for a second, while the broker does not answer', async () => {
    const signals = setup().start('amqp://guest:guest@127.0.0.1:1/%2f');
    const start = performance.now();
    expect(await signals.read('stop')).toBeUndefined();
    const first = performance.now();
    expect(first - start).toBeLessThan(2500);
    expect(await signals.read('stop')).toBeUndefined();
    expect(performance.now() - first).toBeLessThan(500);
  });
});
