import { OrderPlaced } from '../../harness/bench-message.mjs';

/** What the floors keep beside the body: a message bus must know its type and its stamps. */
export const HEADERS = JSON.stringify({
  type: 'order.placed',
  'Content-Type': 'application/json',
  'X-Message-Stamp-BusNameStamp': '[{"busName":"default"}]',
});

/** @param {{ body: string, headers: string }} stored */
export function decodeOrder({ body, headers }) {
  const { type } = JSON.parse(headers);
  if (type !== 'order.placed') throw new Error(`Unknown message "${type}".`);
  return orderFrom(JSON.parse(body));
}

/** The message from its fields as JSON holds them. */
export function orderFrom({ orderId, placedAt, sentAt, note }) {
  return new OrderPlaced(orderId, new Date(placedAt), sentAt, note);
}
