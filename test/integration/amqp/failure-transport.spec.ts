import type { ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FailingApp, OrderPaid, OrderPlaced } from '../../fixtures/failing-app.js';
import { uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

// What an administrator does takes seconds on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));
let channel: ConfirmChannel;

beforeAll(async () => {
  channel = await (await vhost().connect(afterAll)).createConfirmChannel();
});

/** One whose transports are in RabbitMQ. */
function failingApp(queue = uniqueName()): FailingApp {
  return new FailingApp({
    dsn: `${vhost().url}/${queue}`,
    failureDsn: `${vhost().url}/${queue}_failed`,
    insert: async (headers, body) => {
      channel.sendToQueue(queue, Buffer.from(body), { headers });
      await channel.waitForConfirms();
    },
  });
}

const idsOf = (messages: ReadonlyArray<{ readonly id: string }>): readonly string[] =>
  messages.map(({ id }) => id);

describe('a failure transport in RabbitMQ', () => {
  it('lists messages that can be read and messages that cannot, each time again', async () => {
    const app = failingApp();
    await app.fail();
    for (let time = 1; time <= 3; time++) {
      const { exitCode, stdout } = await app.run('failed:show');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^\S+ +order\.placed +async +\S+Z +RangeError: cannot handle order 1$/m);
      expect(stdout).toMatch(/^\S+ +order\.paid +async +\S+Z +.*"order\.paid"/m);
      expect(stdout).toMatch(/^2 message\(s\) in "failed"\.$/m);
    }
  });

  it('shows one message in full, with its bytes if it cannot be read', async () => {
    const app = failingApp();
    const [order, payment] = await app.fail();
    const readable = await app.run('failed:show', order?.id ?? '', '-v');
    expect(readable.stdout).toMatch(/^Content +OrderPlaced \{ orderId: 1 \}$/m);
    const unreadable = await app.run('failed:show', payment?.id ?? '', '-v');
    expect(unreadable.stdout).toContain('{"orderId":2}');
    expect((await app.run('failed:show', 'no-such-id')).stderr).toContain(
      '"failed" has no message with the id "no-such-id"',
    );
  });

  it('gives a message to its handler again and forgets it when that works', async () => {
    const app = failingApp();
    const [order, payment] = await app.fail();
    const { exitCode, stdout } = await app.run('failed:retry', order?.id ?? '');
    expect([exitCode, stdout]).toEqual([0, `Message "${order?.id}" was handled.\n`]);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(1)]);
    expect(idsOf(await app.failed())).toEqual([payment?.id]);
    expect((await app.run('failed:retry', order?.id ?? '')).exitCode).toBe(1);
  });

  it('keeps a message that fails again, with one more attempt and under its id', async () => {
    const app = failingApp();
    const [order] = await app.fail();
    app.switchboard.isBroken = true;
    const { exitCode, stdout } = await app.run('failed:retry', order?.id ?? '');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('failed again, and is still there: cannot handle order 1');
    const kept = (await app.failed()).find(({ message }) => message === 'order.placed');
    expect(kept?.id).toBe(order?.id);
    expect(kept?.attempts.map(({ errorClass }) => errorClass)).toEqual(['RangeError', 'RangeError']);
    app.switchboard.isBroken = false;
    expect((await app.run('failed:retry', kept?.id ?? '')).exitCode).toBe(0);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(1)]);
  });

  it('tries a message that cannot be read again, and handles it once it can', async () => {
    const app = failingApp();
    await app.fail();
    expect((await app.run('failed:retry', '--force')).exitCode).toBe(1);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(1)]);
    const [payment, ...others] = await app.failed();
    expect([payment?.message, others]).toEqual(['order.paid', []]);
    app.knowsPayments = true;
    expect((await app.run('failed:retry', payment?.id ?? '')).exitCode).toBe(0);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(1), new OrderPaid(2)]);
    expect(await app.failed()).toEqual([]);
  });

  it('removes one message, or all', async () => {
    const app = failingApp();
    const [order, payment] = await app.fail();
    const one = await app.run('failed:remove', payment?.id ?? '', '--force');
    expect(one.exitCode).toBe(0);
    expect(one.stdout).toContain('1 message(s) removed from "failed".');
    expect(idsOf(await app.failed())).toEqual([order?.id]);
    expect(await app.json('failed:remove', '--all', '--force')).toMatchObject({ removed: [order?.id] });
    expect(await app.failed()).toEqual([]);
    expect(app.switchboard.handled).toEqual([]);
  });
});
