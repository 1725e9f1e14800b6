import { Body, Controller, Get, Headers, Param, ParseIntPipe, Post, UseFilters } from '@nestjs/common';
import { InjectBus, MessageBus } from 'nestjs-messenger';
import { TenantStamp } from '../tenancy/tenant.stamp.js';
import { GetOrder } from './get-order.query.js';
import type { Order } from './order.js';
import { OrderErrorFilter } from './order-error.filter.js';
import { PlaceOrder } from './place-order.command.js';

@Controller('orders')
@UseFilters(OrderErrorFilter)
export class OrdersController {
  constructor(
    private readonly commands: MessageBus,
    @InjectBus('query') private readonly queries: MessageBus,
  ) {}

  /** The body is taken as it comes: the command bus validates the command, whoever dispatches it. */
  @Post()
  async place(
    @Body('customer') customer: string,
    @Body('sku') sku: string,
    @Body('quantity') quantity: number,
    @Headers('x-tenant') tenant = 'main',
  ): Promise<{ id: number }> {
    const command = new PlaceOrder(customer, sku, quantity);
    return { id: await this.commands.execute(command, [new TenantStamp(tenant)]) };
  }

  @Get(':id')
  show(@Param('id', ParseIntPipe) id: number): Promise<Order> {
    return this.queries.execute(new GetOrder(id));
  }
}
