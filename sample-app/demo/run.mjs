// `npm run demo`: the sample application at work, told while it happens, and checked.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { onSignal } from './processes.mjs';
import { checksOf, RETRY_DELAY, retryTable, summaryTable } from './report.mjs';
import { BOOT_CONTEXTS, Screen } from './screen.mjs';
import { Shop } from './shop.mjs';
import { isAsFarAsItCan, isReviewedIfReachable, ORDERS } from './story.mjs';
import { until } from './until.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The audit log tells of every message; here it would hide what the handlers do. */
const screen = new Screen([...BOOT_CONTEXTS, 'Audit']);

async function main() {
  screen.heading('Build');
  await build(root, screen);
  const shop = new Shop(root, screen, freshEnvironment());

  screen.heading(`An HTTP application and a worker: two processes, and ${between()} between them`);
  await shop.startHttp();
  await shop.startWorker('--concurrency=4');

  screen.heading(`${ORDERS.length} orders over HTTP`);
  const ids = await placeOrders(shop);
  const ordersWhen = (what, isSo) =>
    until(what, async () => {
      const orders = await Promise.all(ids.map((id) => shop.order(id)));
      return orders.every(isSo) ? orders : undefined;
    });
  await ordersWhen('every order was handled or given up', isAsFarAsItCan);

  screen.heading('What the failure transport holds');
  const failed = await until('both failed messages are there', () => failedMessages(shop));
  await run(shop, 'failed:show');
  await run(shop, 'failed:show', failed.payment.id);

  screen.heading('The payment provider is mended: run the message again');
  await shop.request('DELETE', '/outages/gift-card');
  await run(shop, 'failed:retry', failed.payment.id, '--force');

  screen.heading('The mailbox will never exist: drop the message');
  await run(shop, 'failed:remove', failed.mail.id, '--force');

  screen.heading('The review requests, dispatched with a delay');
  const orders = await ordersWhen('everybody was asked for a review', isReviewedIfReachable);
  const left = (await shop.failedMessages()).length;

  screen.heading('SIGTERM to both processes');
  const exitCodes = await shop.stop();

  screen.heading('What became of the orders');
  screen.print(summaryTable(orders));
  screen.print(retryTable(orders));
  conclude(checksOf({ orders, failed, left, exitCodes }));
}

/** What carries the messages from one process to the other. */
function between() {
  const [scheme] = (process.env['MESSENGER_TRANSPORT_DSN'] ?? 'sqlite:').split(':');
  return { sqlite: 'a SQLite file', redis: 'Redis', rediss: 'Redis' }[scheme] ?? scheme;
}

/**
 * A temporary folder for the files, which goes when this process does, and delays that a spectator has the patience for.
 * The messages are in that folder too unless the environment says otherwise.
 */
function freshEnvironment() {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-messenger-demo-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { MESSENGER_TRANSPORT_DSN, MESSENGER_FAILURE_DSN } = process.env;
  const database = `sqlite:${join(folder, 'messenger.db')}`;
  return {
    PORT: '0',
    SHOP_DATABASE: join(folder, 'shop.db'),
    SHOP_REVIEW_DELAY: '6 seconds',
    MESSENGER_TRANSPORT_DSN: MESSENGER_TRANSPORT_DSN ?? database,
    MESSENGER_FAILURE_DSN: MESSENGER_FAILURE_DSN ?? `${database}?queue_name=failed`,
    MESSENGER_RETRY_DELAY: String(RETRY_DELAY),
  };
}

/** Places the orders at the same time, and one that is not valid. Resolves with the ids. */
async function placeOrders(shop) {
  const refused = await shop.request('POST', '/orders', { body: { ...ORDERS[0], quantity: 0 } });
  screen.line('demo', `POST /orders with a quantity of 0: ${refused.status} ${refused.body.message}`);
  if (refused.status !== 400) {
    throw new Error('An order that is not valid was not refused.');
  }
  return Promise.all(
    ORDERS.map(async ({ tenant, customer, sku, quantity }) => {
      const { status, body } = await shop.request('POST', '/orders', {
        body: { customer, sku, quantity },
        headers: { 'x-tenant': tenant },
      });
      if (status !== 201) {
        throw new Error(`The order of ${customer} was answered with ${status}: ${JSON.stringify(body)}`);
      }
      return body.id;
    }),
  );
}

/** The two messages that are expected in the failure transport, once they are there. */
async function failedMessages(shop) {
  const messages = await shop.failedMessages();
  const payment = messages.find(({ error }) => error.class === 'PaymentProviderDownError');
  const mail = messages.find(({ error }) => error.class === 'MailboxUnknownError');
  return payment === undefined || mail === undefined ? undefined : { payment, mail };
}

/** Runs a command of the console before the spectator's eyes. */
async function run(shop, ...args) {
  screen.line('console', `node dist/messenger.js ${args.join(' ')}`);
  screen.print(await shop.console(...args));
}

function conclude(checks) {
  checks.forEach(([sentence, isTrue]) => screen.check(sentence, isTrue));
  const broken = checks.filter(([, isTrue]) => !isTrue);
  if (broken.length > 0) {
    throw new Error(`${broken.length} of ${checks.length} expectations were not met, see above.`);
  }
  screen.success(`All ${checks.length} expectations were met.`);
}

onSignal((exitCode) => process.exit(exitCode));
try {
  await main();
  process.exit(0);
} catch (error) {
  screen.failure(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
