import { Module } from '@nestjs/common';
import { GetOrderHandler } from './get-order.handler.js';
import { OrderHistory } from './order-history.js';
import { OrderRepository } from './order.repository.js';
import { OrdersController } from './orders.controller.js';
import { PlaceOrderHandler } from './place-order.handler.js';

@Module({
  controllers: [OrdersController],
  providers: [OrderRepository, OrderHistory, PlaceOrderHandler, GetOrderHandler],
  exports: [OrderHistory],
})
export class OrdersModule {}
