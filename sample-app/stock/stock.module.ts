import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { Stock } from './stock.js';

@Module({ imports: [OrdersModule], providers: [Stock] })
export class StockModule {}
