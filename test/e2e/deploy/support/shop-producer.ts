import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import type { INestApplicationContext } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SCHEMA } from '../../../../sample-app/database/schema.js';
import { OrderPlaced } from '../../../../sample-app/orders/order-placed.event.js';
import { MessageBus } from '../../../../lib/bus/message-bus.js';
import { MessengerModule } from '../../../../lib/module/messenger.module.js';

/** Places orders as the HTTP application of the shop does, from this process, and looks at what became of them. */
export class ShopProducer {
  readonly #database: DatabaseSyncInstance;
  readonly #app: INestApplicationContext;
  #count = 0;

  private constructor(database: DatabaseSyncInstance, app: INestApplicationContext) {
    this.#database = database;
    this.#app = app;
  }

  static async open(file: string, dsn: string): Promise<ShopProducer> {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
    database.exec(SCHEMA);
    database.exec('COMMIT');
    @Module({
      imports: [
        MessengerModule.forRoot({
          transports: { async: dsn },
          routing: [[OrderPlaced, 'async']],
          buses: { event: {} },
          defaultBus: 'event',
        }),
      ],
    })
    class ProducerModule {}
    const app = await NestFactory.createApplicationContext(ProducerModule, {
      logger: false,
      abortOnError: false,
    });
    return new ShopProducer(database, app);
  }

  /** How many orders were placed. */
  get placed(): number {
    return this.#count;
  }

  /** For how many orders every department has done its part. */
  get handled(): number {
    const sql = `SELECT count(*) AS n FROM invoices
      WHERE order_id IN (SELECT order_id FROM reservations)
      AND 'confirmation-' || order_id IN (SELECT reference FROM mails)`;
    return this.#number(sql);
  }

  /** For how many orders any department has done its part. */
  get touched(): number {
    const sql = `SELECT count(*) AS n FROM orders WHERE id IN (SELECT order_id FROM reservations)
      OR id IN (SELECT order_id FROM invoices) OR 'confirmation-' || id IN (SELECT reference FROM mails)`;
    return this.#number(sql);
  }

  async place(count: number): Promise<void> {
    const ids = Array.from({ length: count }, () => ++this.#count);
    const insert = this.#database.prepare(
      "INSERT INTO orders (id, customer, sku, quantity, total_cents, tenant, placed_at) VALUES (?, 'ada@example.org', 'tea', 1, 500, 'acme', '')",
    );
    this.#database.exec('BEGIN IMMEDIATE');
    ids.forEach((id) => insert.run(id));
    this.#database.exec('COMMIT');
    const bus = this.#app.get(MessageBus);
    await bus.dispatchAll(ids.map((id) => new OrderPlaced(id, 'ada@example.org', 'tea', 1, 500, new Date())));
  }

  async close(): Promise<void> {
    await this.#app.close();
    this.#database.close();
  }

  #number(sql: string): number {
    return (this.#database.prepare(sql).get() as { n: number }).n;
  }
}
