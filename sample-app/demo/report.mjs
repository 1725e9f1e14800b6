// What the demo shows and checks at its end.
import Table from 'cli-table3';
import {
  ATTEMPTS,
  DEPARTMENTS,
  failedPayments,
  invoicedAt,
  isReviewedIfReachable,
  ORDERS,
  timesDone,
} from './story.mjs';

const STYLE = { head: [], border: [] };

/** Milliseconds before the first retry, in the demo's own setting; it doubles with each further one. */
export const RETRY_DELAY = 300;

/** The jitter of a delay, 10 %. */
const SHORTEST = 0.9;

/** A row for each order: what each department has done, and how often. */
export function summaryTable(orders) {
  const table = new Table({ head: ['order', 'article', 'tenant', ...DEPARTMENTS, 'review'], style: STYLE });
  orders.forEach((order, index) => {
    const done = DEPARTMENTS.map((department) => outcomeOf(order, department));
    const review = isReviewedIfReachable(order, index) && ORDERS[index].fails !== 'mail' ? 'requested' : '-';
    table.push([order.id, `${order.quantity} × ${order.sku}`, order.tenant, ...done, review]);
  });
  return table.toString();
}

/** A row for each attempt to collect the money of the order that could not be paid at first. */
export function retryTable(orders) {
  const order = orders[ORDERS.findIndex(({ fails }) => fails === 'billing')];
  const failed = failedPayments(order);
  const table = new Table({ head: [`payment of order ${order.id}`, 'after', 'waited'], style: STYLE });
  [...failed, invoicedAt(order)].forEach((at, index, all) => {
    const waited = index === 0 ? '-' : inSeconds(at - all[index - 1]);
    const outcome = index === failed.length ? 'paid, after failed:retry' : `attempt ${index + 1} failed`;
    table.push([outcome, inSeconds(at - all[0]), waited]);
  });
  return table.toString();
}

/** What has to be true at the end: a sentence, and whether it is. */
export function checksOf({ orders, failed, left, exitCodes }) {
  const unpaid = orders[ORDERS.findIndex(({ fails }) => fails === 'billing')];
  const unreachable = orders[ORDERS.findIndex(({ fails }) => fails === 'mail')];
  return [
    [
      'Every order was handled by mail, stock and billing, each of them once.',
      orders
        .filter((order) => order !== unreachable)
        .every((order) => DEPARTMENTS.every((department) => timesDone(order, department) === 1)),
    ],
    [
      'The mailbox that does not exist stopped neither stock nor billing, and was tried once.',
      timesDone(unreachable, 'mail') === 0 &&
        timesDone(unreachable, 'stock') === 1 &&
        timesDone(unreachable, 'billing') === 1 &&
        failed.mail.attempts.length === 1,
    ],
    [
      `The payment was tried ${ATTEMPTS} times, with waits that double, and then handed to the failure transport.`,
      failed.payment.attempts.length === ATTEMPTS && waitsDouble(failedPayments(unpaid)),
    ],
    [
      'After the payment provider was mended, failed:retry issued the invoice.',
      invoicedAt(unpaid) !== undefined,
    ],
    ['The failure transport is empty.', left === 0],
    ['Everybody who got a confirmation was asked for a review later.', orders.every(isReviewedIfReachable)],
    ['Both processes ended with exit code 0.', exitCodes.every((code) => code === 0)],
  ];
}

function outcomeOf(order, department) {
  const times = timesDone(order, department);
  return times === 0 ? 'given up' : times === 1 ? 'done' : `done ${times} times`;
}

function waitsDouble(times) {
  return times.slice(1).every((at, index) => at - times[index] >= RETRY_DELAY * 2 ** index * SHORTEST);
}

function inSeconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
