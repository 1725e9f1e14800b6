/** The payment provider does not answer. It will again, so the message is retried. */
export class PaymentProviderDownError extends Error {
  constructor(readonly sku: string) {
    super(`The payment provider for "${sku}" does not answer.`);
  }
}
