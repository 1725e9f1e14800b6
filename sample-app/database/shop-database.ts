import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { SCHEMA } from './schema.js';

type Value = string | number;

/** The shop's database, one file that the HTTP application and the workers share. */
@Injectable()
export class ShopDatabase implements OnModuleDestroy {
  private readonly database: DatabaseSyncInstance;

  constructor() {
    const file = process.env.SHOP_DATABASE ?? 'var/shop.db';
    mkdirSync(dirname(file), { recursive: true });
    this.database = new DatabaseSync(file);
    this.database.exec('PRAGMA busy_timeout = 5000');
    this.transaction(() => this.database.exec(SCHEMA));
  }

  /** Runs a statement, and tells how many rows it has changed. */
  run(sql: string, ...values: readonly Value[]): { changes: number; id: number } {
    const { changes, lastInsertRowid } = this.database.prepare(sql).run(...values);
    return { changes: Number(changes), id: Number(lastInsertRowid) };
  }

  all<Row>(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.database.prepare(sql).all(...values) as Row[];
  }

  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.database.prepare(sql).get(...values) as Row | undefined;
  }

  /** Runs `work` so that either all of its changes are stored or none. `work` must be synchronous. */
  transaction<T>(work: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  onModuleDestroy(): void {
    this.database.close();
  }
}
