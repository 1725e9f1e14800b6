import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MessageBus } from '../../lib/bus/message-bus.js';
import { MessageHandler } from '../../lib/decorator/message-handler.decorator.js';
import { UnrecoverableError } from '../../lib/errors/unrecoverable.error.js';
import { MessengerModule } from '../../lib/module/messenger.module.js';
import { DelayStamp } from '../../lib/stamp/delay.stamp.js';
import { SentToFailureTransportStamp } from '../../lib/stamp/sent-to-failure-transport.stamp.js';
import {
  assertMessage,
  assertSent,
  assertStamp,
  FakeClock,
  getTransportToken,
  InMemoryTransport,
  MESSENGER_CLOCK,
  processMessages,
} from '../../lib/testing/index.js';

class OrderPlaced {
  constructor(
    readonly orderId: number,
    readonly customer: string,
  ) {}
}

@MessageHandler(OrderPlaced)
class SendConfirmation {
  readonly confirmed: number[] = [];

  handle({ orderId, customer }: OrderPlaced): string {
    if (customer === 'nobody') {
      throw new RangeError('There is no such customer.');
    }
    if (customer === 'blocked') {
      throw new UnrecoverableError('The customer is blocked.');
    }
    this.confirmed.push(orderId);
    return `confirmed ${orderId}`;
  }
}

@Module({
  imports: [
    MessengerModule.forRoot({
      transports: { async: 'in-memory://?serialize=true', failed: 'in-memory://?serialize=true' },
      failureTransport: 'failed',
      routing: [[OrderPlaced, 'async']],
      logger: { enabled: () => false, log: () => undefined },
    }),
  ],
  providers: [SendConfirmation],
})
class AppModule {}

async function setup(override?: InMemoryTransport) {
  const clock = new FakeClock();
  const builder = Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(MESSENGER_CLOCK)
    .useValue(clock);
  if (override !== undefined) {
    builder.overrideProvider(getTransportToken('async')).useValue(override);
  }
  const app = await builder.compile();
  await app.init();
  onTestFinished(() => app.close());
  return {
    app,
    clock,
    bus: app.get(MessageBus),
    confirmed: app.get(SendConfirmation).confirmed,
    async: app.get<InMemoryTransport>(getTransportToken('async')),
    failed: app.get<InMemoryTransport>(getTransportToken('failed')),
  };
}

describe('the testing entry, in an application', () => {
  it('shows what a dispatch has sent, and what the worker has made of it', async () => {
    const { app, bus, async, confirmed } = await setup();
    await bus.dispatch(new OrderPlaced(7, 'ada'));
    assertSent(async, OrderPlaced, { orderId: 7, customer: 'ada' });
    expect(confirmed).toEqual([]);

    expect(await processMessages(app, 'async')).toEqual({ processed: 1, failed: 0 });
    expect(confirmed).toEqual([7]);
    assertMessage(async.acknowledged, OrderPlaced, { orderId: 7 });
    expect(async.queue).toEqual([]);
  });

  it('runs retries by the clock of the application, up to the failure transport', async () => {
    const { app, bus, clock, failed } = await setup();
    const start = clock.now();
    await bus.dispatch(new OrderPlaced(7, 'nobody'));
    const { processed } = await processMessages(app, 'async', { until: 'empty', clock });
    expect(processed).toBe(4);
    // 1 s, 2 s and 4 s, each give or take a tenth.
    expect(clock.now() - start).toBeGreaterThanOrEqual(6300);
    expect(clock.now() - start).toBeLessThanOrEqual(7700);
    const given = assertMessage(failed.queue, OrderPlaced, { orderId: 7 });
    assertStamp(given, SentToFailureTransportStamp, { originalReceiverName: 'async' });
  });

  it('runs delayed messages at their time', async () => {
    const { app, bus, clock, confirmed } = await setup();
    const start = clock.now();
    await bus.dispatch(new OrderPlaced(7, 'ada'), [DelayStamp.for('1 day')]);
    await processMessages(app, 'async', { until: 'idle' });
    expect(confirmed).toEqual([]);
    await processMessages(app, 'async');
    expect(confirmed).toEqual([7]);
    expect(clock.now() - start).toBe(24 * 3_600_000);
  });

  it('works with a transport that was made by hand', async () => {
    const { app, bus, async, failed } = await setup(new InMemoryTransport());
    await bus.dispatch(new OrderPlaced(7, 'ada'));
    await bus.dispatch(new OrderPlaced(8, 'blocked'));
    expect(await processMessages(app, 'async')).toEqual({ processed: 2, failed: 1 });
    expect(async.acknowledged.map((envelope) => envelope.message)).toEqual([new OrderPlaced(7, 'ada')]);
    expect(failed.queue.map((envelope) => envelope.message)).toEqual([new OrderPlaced(8, 'blocked')]);
    expect(async.queue).toEqual([]);
    expect(async.rejected).toHaveLength(1);
  });
});
