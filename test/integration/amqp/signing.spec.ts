import type { ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, vi } from 'vitest';
import { describeSigning } from '../../fixtures/signing-suite.js';
import { uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

// What an administrator does takes seconds on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));
let channel: ConfirmChannel;

beforeAll(async () => {
  channel = await (await vhost().connect(afterAll)).createConfirmChannel();
});

describeSigning('RabbitMQ', () => {
  const queue = uniqueName();
  return {
    dsn: `${vhost().url}/${queue}`,
    failureDsn: `${vhost().url}/${queue}_failed`,
    insert: async (headers, body) => {
      channel.sendToQueue(queue, Buffer.from(body), { headers });
      await channel.waitForConfirms();
    },
  };
});
