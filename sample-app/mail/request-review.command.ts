import { AsMessage } from 'nestjs-messenger';

/** Asks a customer what they think of their order. Dispatched with a delay. */
@AsMessage({ name: 'mail.request-review' })
export class RequestReview {
  constructor(
    readonly orderId: number,
    readonly customer: string,
  ) {}
}
