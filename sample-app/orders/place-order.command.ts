import { IsEmail, IsIn, IsInt, Max, Min } from 'class-validator';
import { Command } from 'nestjs-messenger';
import { PRICES } from './price-list.js';

/** Places an order, and answers with its id. The validation middleware of the command bus checks the decorators. */
export class PlaceOrder extends Command<number> {
  @IsEmail()
  readonly customer: string;

  @IsIn([...PRICES.keys()])
  readonly sku: string;

  @IsInt()
  @Min(1)
  @Max(100)
  readonly quantity: number;

  constructor(customer: string, sku: string, quantity: number) {
    super();
    this.customer = customer;
    this.sku = sku;
    this.quantity = quantity;
  }
}
