// node steady-producer.js <run> <first> <per second> <count>: dispatches a mixture of messages, so many in a second, until it has
// dispatched <count> or is told to end. 0 in a second: as fast as it can.
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';
import { ChaosAppModule } from './chaos-app.module.js';
import { optionsFromEnvironment } from './chaos-app.options.js';
import { reportHeap } from './heap-reports.js';
import { Batched, type ChaosMessage, Flaky, newId, Plain, Poison } from './messages.js';
import { dispatchRecorded } from './recorded-dispatch.js';

/** How many are dispatched at a time if it goes as fast as it can. */
const AT_ONCE = 50;
const TICK_MS = 100;
const DELAY_MS = 1000;

/** Of ten messages one fails once, three are handled in batches, and one is delayed; one of a hundred fails always. */
function messageOf(id: string, number: number): ChaosMessage {
  if (number % 100 === 50) {
    return new Poison(id);
  }
  switch (number % 10) {
    case 1:
      return new Flaky(id);
    case 2:
    case 5:
    case 8:
      return new Batched(id);
    case 6:
      return new Plain(id, 'all', 0, Date.now() + DELAY_MS);
    default:
      return new Plain(id);
  }
}

async function main(): Promise<void> {
  const [run = '', first = '1', perSecond = '0', count = '1'] = process.argv.slice(2);
  reportHeap(process.env);
  let isStopped = false;
  process.once('SIGTERM', () => (isStopped = true));
  const app = await NestFactory.createApplicationContext(ChaosAppModule.in(optionsFromEnvironment()), {
    logger: ['error'],
  });
  const [bus, ledger] = [app.get(MessageBus), app.get(ChaosLedger)];
  const startedAt = performance.now();
  for (let sent = 0; sent < Number(count) && !isStopped;) {
    const seconds = (performance.now() - startedAt) / 1000;
    const due = Number(perSecond) === 0 ? sent + AT_ONCE : Math.floor(seconds * Number(perSecond));
    const numbers = Array.from({ length: Math.min(due, Number(count)) - sent }, (_, index) => sent + index);
    await Promise.all(
      numbers.map((number) =>
        dispatchRecorded(bus, ledger, messageOf(newId(run, Number(first) + number), number)),
      ),
    );
    sent += numbers.length;
    await sleep(Number(perSecond) === 0 ? 0 : TICK_MS);
  }
  await app.close();
}

void main();
