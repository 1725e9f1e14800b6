import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { Invoices } from './invoices.js';
import { IssueInvoices } from './issue-invoices.handler.js';
import { OutagesController } from './outages.controller.js';
import { PaymentProvider } from './payment-provider.js';

@Module({
  imports: [OrdersModule],
  controllers: [OutagesController],
  providers: [PaymentProvider, Invoices, IssueInvoices],
})
export class BillingModule {}
