import type { HandlerOptions } from '../handler/handler-descriptor.js';

/** When and how a handler runs, for people; empty if there is nothing special about it. */
export function conditionsOf(handler: HandlerOptions): string {
  const { bus, fromTransport, priority = 0, batch, timeout, idempotent, sign } = handler;
  return [
    ...(bus === undefined ? [] : [`on bus "${bus}"`]),
    ...(fromTransport === undefined ? [] : [`from transport "${fromTransport}"`]),
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(batch === undefined ? [] : [`in batches of ${batch.size ?? 10}`]),
    ...(timeout === undefined ? [] : [`within ${timeout} ms`]),
    ...(idempotent === true ? ['once for each message'] : []),
    ...(sign === true ? ['signed messages only'] : []),
  ].join(', ');
}
