// The orders of the demo, and what is expected of them.

/** `fails`: the department that cannot do its part at first, if any. */
export const ORDERS = [
  { customer: 'ada@example.org', sku: 'tea', quantity: 2, tenant: 'main' },
  { customer: 'bob@example.org', sku: 'coffee', quantity: 5, tenant: 'main' },
  { customer: 'cem@example.org', sku: 'tea', quantity: 1, tenant: 'acme' },
  { customer: 'dora@example.org', sku: 'gift-card', quantity: 1, tenant: 'acme', fails: 'billing' },
  { customer: 'eve@mailbox.invalid', sku: 'tea', quantity: 3, tenant: 'main', fails: 'mail' },
  { customer: 'fay@example.org', sku: 'tea', quantity: 4, tenant: 'main' },
];

/** One run and three retries. */
export const ATTEMPTS = 4;

const SUCCESS = { mail: /^confirmation sent/, stock: /reserved$/, billing: /^invoice \d+ issued/ };
const PAYMENT_FAILED = /^payment failed, attempt \d+$/;
const REVIEW = /^review requested/;

export const DEPARTMENTS = Object.keys(SUCCESS);

/** How often a department has done its part for an order. */
export function timesDone(order, department) {
  return entriesOf(order, department).filter(({ entry }) => SUCCESS[department].test(entry)).length;
}

/** When the payment of an order failed, in milliseconds. */
export function failedPayments(order) {
  return entriesOf(order, 'billing')
    .filter(({ entry }) => PAYMENT_FAILED.test(entry))
    .map(({ at }) => Date.parse(at));
}

/** When the invoice of an order was issued, in milliseconds. */
export function invoicedAt(order) {
  return entriesOf(order, 'billing')
    .filter(({ entry }) => SUCCESS.billing.test(entry))
    .map(({ at }) => Date.parse(at))[0];
}

export function isReviewRequested(order) {
  return entriesOf(order, 'mail').some(({ entry }) => REVIEW.test(entry));
}

/** Whether the order at `index` was handled by everybody who can while the payment provider is down. */
export function isAsFarAsItCan(order, index) {
  const { fails } = ORDERS[index];
  return (
    DEPARTMENTS.every((department) => department === fails || timesDone(order, department) > 0) &&
    (fails !== 'billing' || failedPayments(order).length >= ATTEMPTS)
  );
}

/** Whether the customer of the order at `index` can be reached, and was asked for a review. */
export function isReviewedIfReachable(order, index) {
  return ORDERS[index].fails === 'mail' || isReviewRequested(order);
}

function entriesOf(order, department) {
  return order.history.filter((entry) => entry.department === department);
}
