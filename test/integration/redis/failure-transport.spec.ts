import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { FailingApp, OrderPaid, OrderPlaced } from '../../fixtures/failing-app.js';
import { redisUrl, sharedRedis, uniqueStream } from './support/shared-redis.js';

/** One whose transports are in Redis. */
function failingApp(stream = uniqueStream()): FailingApp {
  return new FailingApp({
    dsn: redisUrl(stream),
    failureDsn: redisUrl(`${stream}_failed`),
    insert: async (headers, body) => {
      const encoded = JSON.stringify({ body, headers });
      await sharedRedis().xadd(stream, '*', 'message', `s:${encoded.length}:"${encoded}";`);
    },
  });
}

describe('a failure transport in Redis', () => {
  it('lists messages that can be read and messages that cannot', async () => {
    const app = failingApp();
    await app.fail();
    const { exitCode, stdout } = await app.run('failed:show');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+-\d+ +order\.placed +async +\S+Z +RangeError: cannot handle order 1$/m);
    expect(stdout).toMatch(/^\d+-\d+ +order\.paid +async +\S+Z +.*"order\.paid"/m);
    expect(stdout).toMatch(/^2 message\(s\) in "failed"\.$/m);
    expect(await app.json('failed:show', '--stats')).toEqual({
      transport: 'failed',
      stats: { 'order.placed': 1, 'order.paid': 1 },
    });
  });

  it('shows one message in full, with its bytes if it cannot be read', async () => {
    const app = failingApp();
    const [order, payment] = await app.fail();
    const readable = await app.run('failed:show', order?.id ?? '', '-v');
    expect(readable.stdout).toMatch(/^Failed from +async$/m);
    expect(readable.stdout).toMatch(/^Content +OrderPlaced \{ orderId: 1 \}$/m);
    const unreadable = await app.run('failed:show', payment?.id ?? '', '-v');
    expect(unreadable.exitCode).toBe(0);
    expect(unreadable.stdout).toContain('{"orderId":2}');
    expect(payment?.undecodable).toContain('order.paid');
    expect((await app.run('failed:show', '1-1')).stderr).toContain(
      '"failed" has no message with the id "1-1"',
    );
  });

  it('gives a message to its handler again and forgets it when that works', async () => {
    const app = failingApp();
    const [order, payment] = await app.fail();
    const { exitCode, stdout } = await app.run('failed:retry', order?.id ?? '');
    expect([exitCode, stdout]).toEqual([0, `Message "${order?.id}" was handled.\n`]);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(1)]);
    expect((await app.failed()).map(({ id }) => id)).toEqual([payment?.id]);
    expect((await app.run('failed:retry', order?.id ?? '')).exitCode).toBe(1);
  });

  it('keeps a message that fails again, with one more attempt, where it can be found', async () => {
    const app = failingApp();
    const [order] = await app.fail();
    app.switchboard.isBroken = true;
    const { exitCode, stdout } = await app.run('failed:retry', order?.id ?? '');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('failed again, and is still there: cannot handle order 1');
    const kept = (await app.failed()).find(({ message }) => message === 'order.placed');
    expect(kept?.attempts.map(({ errorClass }) => errorClass)).toEqual(['RangeError', 'RangeError']);
    app.switchboard.isBroken = false;
    expect((await app.run('failed:retry', kept?.id ?? '')).exitCode).toBe(0);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(1)]);
  });

  it('tries a message that cannot be read again, and handles it once it can', async () => {
    const app = failingApp();
    await app.fail();
    const first = await app.run('failed:retry', '--force');
    expect(first.exitCode).toBe(1);
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
    expect((await app.failed()).map(({ id }) => id)).toEqual([order?.id]);
    expect(await app.json('failed:remove', '--all', '--force')).toEqual({
      transport: 'failed',
      removed: [order?.id],
      notFound: [],
    });
    expect(await app.failed()).toEqual([]);
    expect(app.switchboard.handled).toEqual([]);
  });

  it('does not hand a message to the console that a worker has', async () => {
    const stream = uniqueStream();
    const app = failingApp(stream);
    const [order] = await app.fail();
    await sharedRedis()
      .xgroup('CREATE', `${stream}_failed`, 'symfony', '0')
      .catch(() => 'BUSYGROUP');
    await sharedRedis().xreadgroup(
      'GROUP',
      'symfony',
      'worker',
      'COUNT',
      1,
      'STREAMS',
      `${stream}_failed`,
      '>',
    );
    expect((await app.run('failed:retry', order?.id ?? '')).stdout).toContain('is in the hands of a worker');
    expect((await app.run('failed:remove', order?.id ?? '', '--force')).exitCode).toBe(1);
    expect(await app.failed()).toHaveLength(2);
    expect(await app.json('stats', 'failed')).toMatchObject({
      transports: { failed: { ready: 1, inFlight: 1, delayed: 0 } },
    });
  });
});

describe('the console on Redis transports', () => {
  it('sets them up, as no consumer of theirs', async () => {
    const stream = uniqueStream();
    const app = failingApp(stream);
    const { exitCode, stdout } = await app.run('setup-transports');
    expect([exitCode, stdout]).toEqual([0, 'Transport "async": ready.\nTransport "failed": ready.\n']);
    expect((await app.run('setup-transports')).exitCode).toBe(0);
    await app.run('stats');
    await app.run('show', 'async');
    const keys = await sharedRedis().keys(`${stream}*`);
    expect(keys).toEqual(expect.arrayContaining([stream, `${stream}_failed`]));
    expect(keys.filter((key) => /__(wake|consumer|readers)/.test(key))).toEqual([]);
    expect(await sharedRedis().xinfo('GROUPS', stream)).toMatchObject([expect.arrayContaining(['symfony'])]);
  });

  it('counts what is ready and what is delayed, and shows both', async () => {
    const app = failingApp();
    await app.dispatch([new OrderPlaced(1), new OrderPlaced(2)]);
    await app.dispatch([new OrderPlaced(3)], [new DelayStamp(60_000)]);
    expect(await app.json('stats')).toMatchObject({
      transports: {
        async: { ready: 2, inFlight: 0, delayed: 1 },
        failed: { ready: 0, inFlight: 0, delayed: 0 },
      },
    });
    const { messages } = (await app.json('show', 'async', '-v')) as {
      messages: Array<{ id: string; content: unknown }>;
    };
    expect(messages.map(({ content }) => content)).toEqual([{ orderId: 1 }, { orderId: 2 }, { orderId: 3 }]);
    for (const { id, content } of messages) {
      expect(await app.json('show', 'async', id, '-v')).toMatchObject({ id, content });
    }
  });
});
