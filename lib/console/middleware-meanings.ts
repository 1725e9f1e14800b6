/** What the middleware of every bus do, in a few words, by their class. The order is in `defaultChain`. */
export const MIDDLEWARE_MEANINGS: Readonly<Record<string, string>> = {
  AddDefaultStampsMiddleware: 'adds the stamps that the message brings along',
  AddBusNameStampMiddleware: 'notes the bus, so that a worker uses the same',
  RejectRedeliveredMessageMiddleware: 'in a worker: gives up what was delivered too often',
  DispatchAfterCurrentBusMiddleware:
    'holds it back until the current message is handled, if its stamp says so',
  DecodeFailedMessageMiddleware: 'in a worker: fails what cannot be decoded',
  FailedMessageProcessingMiddleware:
    'in a worker of a failure transport: lets it look as if it came from where it failed',
  DeduplicateMiddleware: 'drops a duplicate, if its stamp says so',
  SendMessageMiddleware:
    'sends it to its transports, and ends there; in a worker, and without transports, passes it on',
  HandleMessageMiddleware: 'calls the handlers',
};
