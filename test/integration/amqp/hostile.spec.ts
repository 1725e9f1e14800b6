import type { ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, vi } from 'vitest';
import type { FailingAppPlace } from '../../fixtures/failing-app.js';
import { describeHostile, describeStrangeNames } from '../../fixtures/hostile-suite.js';
import { uniqueName } from './support/topology.js';
import { perFile, startVhost } from './support/vhost.js';

// What an administrator does takes seconds on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });
const vhost = perFile((lifetime) => startVhost(lifetime));
let channel: ConfirmChannel;

beforeAll(async () => {
  channel = await (await vhost().connect(afterAll)).createConfirmChannel();
});

function placeIn(queue: string): FailingAppPlace {
  return {
    dsn: `${vhost().url}/${encodeURIComponent(queue)}`,
    failureDsn: `${vhost().url}/${encodeURIComponent(`${queue}_failed`)}`,
    insert: async (headers, body) => {
      channel.sendToQueue(queue, Buffer.from(body), { headers });
      await channel.waitForConfirms();
    },
  };
}

describeHostile('RabbitMQ', () => placeIn(uniqueName()));
describeStrangeNames('RabbitMQ', (name) => placeIn(`${uniqueName()} ${name}`));
