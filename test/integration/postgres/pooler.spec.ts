import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { eventually } from '../redis/support/eventually.js';
import { perFile } from '../redis/support/lifetime.js';
import { application, note, textsOf } from './setup.js';
import { PgBouncer } from './support/pgbouncer.js';

describe('behind PgBouncer in transaction mode', () => {
  const pooler = perFile(async (lifetime) => {
    const started = await PgBouncer.start();
    lifetime(() => started.remove());
    return started;
  });

  it(
    'a receiver notices that it hears nothing, says so once, and polls; delayed messages come in time',
    { timeout: 40_000 },
    async () => {
      const app = application({ dsnOf: (query) => pooler().dsn(query) });
      const [receiver, second] = [
        app.open({ pollInterval: 200 }),
        app.open({ queueName: 'second' }, 'second'),
      ];
      const sender = application({ table: app.table }).open({ useNotify: false });
      await receiver.setup();
      const stop = new AbortController();
      const others = second.get({ wait: 30_000, signal: stop.signal });
      await receiver.get({ wait: 100 });
      await eventually('it said so', () => app.logger.texts('warn').length > 0);

      const received = receiver.get({ wait: 20_000 });
      await sender.send([note('a')]);
      expect(textsOf(await received)).toEqual(['a']);
      const delayed = receiver.get({ wait: 20_000 });
      const sentAt = performance.now();
      await sender.send([note('b', new DelayStamp(1000))]);
      expect(textsOf(await delayed)).toEqual(['b']);
      const late = performance.now() - sentAt - 1000;
      expect(late).toBeGreaterThan(-5);
      expect(late).toBeLessThan(1000);

      stop.abort();
      await others;
      expect(app.logger.texts('warn')).toEqual([
        expect.stringMatching(
          /^PostgreSQL at 127\.0\.0\.1:\d+\/test does not let this process listen for new messages: a notification sent to itself did not arrive, as behind a pooler that works by transaction\. Connect past it, or set "use_notify" to false\. Until then it looks for them in intervals of "poll_interval"\.$/,
        ),
      ]);
    },
  );

  it('everything is settled, retried and given back as without', async () => {
    const app = application({ dsnOf: (query) => pooler().dsn(query) });
    const transport = app.open({ useNotify: false });
    await Promise.all(Array.from({ length: 50 }, (_, index) => transport.send([note(`${index}`)])));

    const received = await transport.get({ max: 50 });
    const [acked, released, again] = [received.slice(0, 20), received.slice(20, 40), received.slice(40)];
    const lost = await Promise.all([
      transport.ack(acked),
      transport.release(released),
      transport.requeue(again.map((each) => ({ received: each, copy: note('again'), to: transport }))),
    ]);

    expect(lost).toEqual([{ lost: [] }, { lost: [] }, { lost: [] }]);
    expect(await transport.messageCount()).toMatchObject({ ready: 30, inFlight: 0, delayed: 0 });
  });
});
