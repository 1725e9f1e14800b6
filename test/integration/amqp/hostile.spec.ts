import type { ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, vi } from 'vitest';
import type { FailingAppPlace } from '../../fixtures/failing-app.js';
import { describeHostile, describeLongNames, describeStrangeNames } from '../../fixtures/hostile-suite.js';
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
    failureDsn: `${vhost().url}/${encodeURIComponent(`${queue.slice(0, 50)}_failed`)}`,
    insert: async (headers, body) => {
      channel.sendToQueue(queue, Buffer.from(body), { headers });
      await channel.waitForConfirms();
    },
  };
}

/** A name of so many bytes, not all of one character. */
function ofBytes(length: number): string {
  const start = uniqueName();
  const left = length - start.length;
  return `${start}${'é'.repeat(Math.floor(left / 2))}${'x'.repeat(left % 2)}`;
}

describeHostile('RabbitMQ', () => placeIn(uniqueName()));
describeStrangeNames('RabbitMQ', (name) => placeIn(`${uniqueName()} ${name}`));
describeLongNames('RabbitMQ', { longest: () => ofBytes(255), refusal: /255 bytes/ }, placeIn);
