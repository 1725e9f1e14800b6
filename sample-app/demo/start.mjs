// `npm start`: the HTTP application and a worker, running until Ctrl+C.
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { onSignal } from './processes.mjs';
import { Screen } from './screen.mjs';
import { Shop } from './shop.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const screen = new Screen();

async function main() {
  await build(root, screen);
  const shop = new Shop(root, screen, {});
  await shop.startHttp();
  await shop.startWorker('--concurrency=4');
  screen.print(instructions(shop.url));
  let isClosing = false;
  onSignal(() => {
    isClosing = true;
    void shop.stop();
  });
  const [name, exitCode] = await shop.firstToEnd();
  if (!isClosing) {
    throw new Error(`The ${name} process ended by itself, with exit code ${exitCode}.`);
  }
  await shop.stop();
  screen.print('\n  The shop is closed.');
}

function instructions(url) {
  return `
  The shop is open at ${url}; Ctrl+C closes it. In another terminal:

    curl -s ${url}/health
    curl -s ${url}/orders -H 'content-type: application/json' -H 'x-tenant: acme' \\
         -d '{"customer":"ada@example.org","sku":"tea","quantity":2}'
    curl -s ${url}/orders/1

  A gift card cannot be paid: the message is retried, then kept in the failure transport, until you mend the provider:

    curl -s ${url}/orders -H 'content-type: application/json' \\
         -d '{"customer":"bob@example.org","sku":"gift-card","quantity":1}'
    node dist/messenger.js failed:show
    curl -s -X DELETE ${url}/outages/gift-card
    node dist/messenger.js failed:retry --force <id>

  More of the console:

    node dist/messenger.js stats
    node dist/messenger.js debug
    node dist/messenger.js --help
`;
}

try {
  await main();
  process.exit(0);
} catch (error) {
  screen.failure(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
