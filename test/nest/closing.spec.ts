import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Envelope, getTransportToken, type MessageCountAware } from 'nestjs-messenger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootApp } from './support/application.js';

class Ping {
  constructor(readonly n: number) {}
}

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'messenger-closing-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const boot = () =>
  bootApp({
    options: {
      transports: { async: `sqlite:${join(directory, 'messenger.db')}` },
      routing: [[Ping, 'async']],
    },
  });

describe('closing an application while messages are being sent', () => {
  it('loses none whose dispatch resolved, and leaves none without an answer', async () => {
    const { app, bus } = await boot();
    const dispatches: Promise<Envelope>[] = [];
    for (let n = 0; n < 50; n++) {
      dispatches.push(bus.dispatch(new Ping(n)));
    }

    await app.close();
    const settled = await Promise.allSettled(dispatches);

    const again = await boot();
    const stored = await again.app.get<MessageCountAware>(getTransportToken('async')).messageCount();
    expect(stored.ready).toBe(settled.filter(({ status }) => status === 'fulfilled').length);
    expect(stored.ready).toBe(50);
  });

  it('opens no database if nothing was sent', async () => {
    const { app } = await bootApp({
      options: { transports: { async: 'sqlite:/nowhere/at/all/messenger.db' } },
    });

    await expect(app.close()).resolves.toBeUndefined();
  });
});
