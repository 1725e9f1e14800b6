import { Injectable } from '@nestjs/common';
import { ShopDatabase } from '../database/shop-database.js';
import { PaymentProviderDownError } from './payment-provider-down.error.js';

/** Stands in for the company that collects the money. Gift cards go through a system of theirs that is down. */
@Injectable()
export class PaymentProvider {
  constructor(private readonly database: ShopDatabase) {}

  /** @throws PaymentProviderDownError while there is an outage for the article. */
  async charge(sku: string): Promise<void> {
    if (this.outages().includes(sku)) {
      throw new PaymentProviderDownError(sku);
    }
  }

  /** The articles that cannot be paid at present. */
  outages(): readonly string[] {
    return this.database
      .all<{ sku: string }>('SELECT sku FROM payment_outages WHERE is_over = 0 ORDER BY sku')
      .map(({ sku }) => sku);
  }

  begin(sku: string): void {
    this.database.run(
      'INSERT INTO payment_outages (sku) VALUES (?) ON CONFLICT (sku) DO UPDATE SET is_over = 0',
      sku,
    );
  }

  end(sku: string): void {
    this.database.run('UPDATE payment_outages SET is_over = 1 WHERE sku = ?', sku);
  }
}
