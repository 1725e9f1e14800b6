import { Injectable } from '@nestjs/common';
import {
  DeduplicateStamp,
  type DefaultStampsProvider,
  DuplicateStamp,
  getTransportToken,
  MessageHandler,
  type MessengerOptions,
} from 'nestjs-messenger';
import { InMemoryTransport, processMessages } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { bootApp, bootError } from './support/application.js';

class Rebuild implements DefaultStampsProvider {
  constructor(readonly index: string) {}

  getDefaultStamps(): readonly DeduplicateStamp[] {
    return [new DeduplicateStamp(`rebuild-${this.index}`)];
  }
}

@Injectable()
class RebuildHandler {
  @MessageHandler(Rebuild)
  handle(): void {}
}

const options: MessengerOptions = {
  transports: { async: 'in-memory://?serialize=true', sync: 'sync://' },
  routing: [[Rebuild, 'async']],
};

describe('deduplication', () => {
  it('works with nothing configured, for stamps that the message brings, through the serializer', async () => {
    const { app, bus } = await bootApp({ options, providers: [RebuildHandler] });
    const async = app.get<InMemoryTransport>(getTransportToken('async'));
    await bus.dispatch(new Rebuild('a'));

    expect((await bus.dispatch(new Rebuild('a'))).has(DuplicateStamp)).toBe(true);
    expect((await bus.dispatch(new Rebuild('b'))).has(DuplicateStamp)).toBe(false);
    expect(async.queue).toHaveLength(2);
    await processMessages(app, 'async');

    expect((await bus.dispatch(new Rebuild('a'))).has(DuplicateStamp)).toBe(false);
  });

  it('keeps its locks in the transport that is configured', async () => {
    const routing: MessengerOptions['routing'] = [[Rebuild, 'sync']];
    const { app, bus } = await bootApp({
      options: { ...options, routing, deduplication: 'async' },
      providers: [RebuildHandler],
    });
    const { locks } = app.get<InMemoryTransport>(getTransportToken('async'));
    await locks.acquire('rebuild-a', 'token', 60_000);

    expect((await bus.dispatch(new Rebuild('a'))).has(DuplicateStamp)).toBe(true);
    expect((await bus.dispatch(new Rebuild('b'))).has(DuplicateStamp)).toBe(false);
  });

  it('needs a transport that can keep locks, which is said at boot', async () => {
    expect(await bootError({ options: { ...options, deduplication: 'sync' } })).toMatchObject({
      code: 'MESSENGER_MISSING_CAPABILITY',
      message:
        'Transport "sync" cannot keep the locks of DeduplicateStamps. Name another one in the option "deduplication" of ' +
        'the module; those that can: "async".',
    });
  });
});
