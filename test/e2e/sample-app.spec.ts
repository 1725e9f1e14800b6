import { Test, type TestingModule } from '@nestjs/testing';
import { MessageBus, MESSENGER_CLOCK } from 'nestjs-messenger';
import {
  assertMessage,
  FakeClock,
  getTransportToken,
  InMemoryTransport,
  processMessages,
} from 'nestjs-messenger/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppModule } from '../../sample-app/app.module.js';
import { PaymentProvider } from '../../sample-app/billing/payment-provider.js';
import { RequestReview } from '../../sample-app/mail/request-review.command.js';
import { OrderHistory } from '../../sample-app/orders/order-history.js';
import { OrderPlaced } from '../../sample-app/orders/order-placed.event.js';
import { PlaceOrder } from '../../sample-app/orders/place-order.command.js';
import { Stock } from '../../sample-app/stock/stock.js';
import { TenantStamp } from '../../sample-app/tenancy/tenant.stamp.js';

const clock = new FakeClock();
const nothing = (): void => undefined;
const SILENT = { log: nothing, warn: nothing, error: nothing };

describe('the sample application', () => {
  let app: TestingModule;
  let async: InMemoryTransport;
  let failed: InMemoryTransport;

  beforeEach(async () => {
    process.env.SHOP_DATABASE = ':memory:';
    async = new InMemoryTransport({ clock });
    failed = new InMemoryTransport({ clock });
    app = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(getTransportToken('async'))
      .useValue(async)
      .overrideProvider(getTransportToken('failed'))
      .useValue(failed)
      .overrideProvider(MESSENGER_CLOCK)
      .useValue(clock)
      .setLogger(SILENT)
      .compile();
    await app.init();
  });

  afterEach(async () => {
    delete process.env.SHOP_DATABASE;
    await app.close();
  });

  const place = (sku: string, customer = 'ada@example.org', tenant = 'acme') =>
    app.get(MessageBus).execute(new PlaceOrder(customer, sku, 2), [new TenantStamp(tenant)]);
  const departmentsOf = (orderId: number) =>
    app
      .get(OrderHistory, { strict: false })
      .of(orderId)
      .map(({ department }) => department)
      .sort();

  it('has every department do its part once, and asks for a review later', async () => {
    const orderId = await place('tea');

    await processMessages(app, 'async', { until: 'idle' });
    expect(departmentsOf(orderId)).toEqual(['billing', 'mail', 'orders', 'stock']);
    assertMessage(async.queue, RequestReview, { orderId });

    await processMessages(app, 'async');
    expect(departmentsOf(orderId)).toEqual(['billing', 'mail', 'mail', 'orders', 'stock']);
  });

  it('takes the tenant of an order along to the worker', async () => {
    const orderId = await place('tea', 'ada@example.org', 'umbrella');
    await processMessages(app, 'async', { until: 'idle' });

    const history = app.get(OrderHistory, { strict: false }).of(orderId);
    expect(history.map(({ entry }) => entry)).toContain(
      'confirmation sent to ada@example.org from orders@umbrella.example',
    );
  });

  it('retries only billing while its payment provider is down, and then keeps the message', async () => {
    const orderId = await place('gift-card');
    await processMessages(app, 'async');

    const billing = Array<string>(4).fill('billing');
    expect(departmentsOf(orderId)).toEqual([...billing, 'mail', 'mail', 'orders', 'stock']);
    assertMessage(failed.queue, OrderPlaced, { orderId });
  });

  it('issues the invoice once the provider is mended', async () => {
    const orderId = await place('gift-card');
    await processMessages(app, 'async');
    app.get(PaymentProvider, { strict: false }).end('gift-card');
    await processMessages(app, 'failed', { until: 'idle' });

    expect(failed.queue).toEqual([]);
    const history = app.get(OrderHistory, { strict: false }).of(orderId);
    expect(history.at(-1)?.entry).toMatch(/^invoice 1 issued/);
  });

  it('does not retry a mail to a mailbox that does not exist', async () => {
    const orderId = await place('tea', 'eve@mailbox.invalid');
    await processMessages(app, 'async');

    expect(departmentsOf(orderId)).toEqual(['billing', 'orders', 'stock']);
    expect(async.rejected).toHaveLength(1);
    assertMessage(failed.queue, OrderPlaced, { orderId });
  });

  it('reserves stock once for an order that is delivered twice', async () => {
    const stock = app.get(Stock, { strict: false });
    const before = stock.available('tea');
    await place('tea');
    const { message: order } = assertMessage(async.queue, OrderPlaced);
    await stock.reserve(order);
    await stock.reserve(order);

    expect(stock.available('tea')).toBe(before - 2);
  });

  it('refuses an order that is not valid, and stores nothing', async () => {
    await expect(place('unicorn')).rejects.toThrow('Message "PlaceOrder" is not valid: sku: ');
    expect(async.sent).toEqual([]);
  });
});
