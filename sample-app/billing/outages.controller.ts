import { Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { PaymentProvider } from './payment-provider.js';

/** The switch of the simulation: breaks and mends the payment provider. */
@Controller('outages')
export class OutagesController {
  constructor(private readonly provider: PaymentProvider) {}

  @Get()
  list(): readonly string[] {
    return this.provider.outages();
  }

  @Put(':sku')
  @HttpCode(204)
  begin(@Param('sku') sku: string): void {
    this.provider.begin(sku);
  }

  @Delete(':sku')
  @HttpCode(204)
  end(@Param('sku') sku: string): void {
    this.provider.end(sku);
  }
}
