import { describe, expect, it, onTestFinished } from 'vitest';
import { healthOf } from '../../../lib/worker/worker-health.js';
import { startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { startRedisServer } from './support/redis-server.js';

describe('the health of a worker whose server goes away', () => {
  it('is bad while it is away, and good again when it is back; the worker stays on the list', async () => {
    const server = await startRedisServer();
    const { core, transport } = startApp({ dsn: `${server.url}/jobs` });
    const worker = core.workers.create(['async'], { sleep: 100 });
    const result = worker.run();
    onTestFinished(async () => {
      worker.stop('the test is over');
      await result;
    });
    const health = () => healthOf(worker.state);
    await eventually('it was ready', () => health().isReady);
    await eventually('it was listed', async () => (await transport.roll.entries()).length === 1);

    await server.stop();
    await eventually('it was not', () => !health().isReady);
    expect(health()).toMatchObject({
      reasons: [
        expect.stringMatching(/^Transport "async" has not been readable for \d s\. Transport "async": /),
      ],
      transports: [{ status: 'failing' }],
    });

    await server.restart();
    await eventually('it was ready again', () => health().isReady);
    await transport.ping();
  });

  it('is told by a ping, too', async () => {
    const server = await startRedisServer();
    const { transport } = startApp({ dsn: `${server.url}/jobs` });
    await transport.ping();

    await server.stop();

    await expect(transport.ping()).rejects.toThrow(/^Transport "async": /);
  });
});
