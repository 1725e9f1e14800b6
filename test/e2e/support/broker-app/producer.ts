import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { MessageBus } from '../../../../lib/bus/message-bus.js';
import { DelayStamp } from '../../../../lib/stamp/delay.stamp.js';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import { Job } from './messages.js';
import { BrokerAppModule } from './broker-app.module.js';
import { optionsFromEnvironment } from './broker-app.options.js';

const JOBS_AT_ONCE = 10;
const PAUSE_MS = 50;

/** Every seventh job fails first, every third is delayed by up to this many milliseconds. */
const LONGEST_DELAY_MS = 600;

/** Dispatches jobs until it is told to stop, and writes down which the transport has accepted, and in how many milliseconds. */
async function produce(): Promise<void> {
  const app = await NestFactory.createApplicationContext(BrokerAppModule.in(optionsFromEnvironment()), {
    logger: ['error'],
  });
  const [bus, ledger] = [app.get(MessageBus), app.get(Ledger)];
  const stopping = new AbortController();
  process.on('SIGTERM', () => stopping.abort());
  console.log('The producer dispatches.');
  for (let number = 0; !stopping.signal.aborted; number += JOBS_AT_ONCE) {
    const numbers = Array.from({ length: JOBS_AT_ONCE }, (_, index) => number + index);
    await Promise.all(numbers.map((each) => dispatch(each, bus, ledger)));
    await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
  await app.close();
}

async function dispatch(number: number, bus: MessageBus, ledger: Ledger): Promise<void> {
  const delay = number % 3 === 0 ? 1 + ((number * 37) % LONGEST_DELAY_MS) : 0;
  const job = new Job(number, number % 7 === 0, delay === 0 ? 0 : Date.now() + delay);
  const startedAt = performance.now();
  const isAccepted = await bus.dispatch(job, delay === 0 ? [] : [new DelayStamp(delay)]).then(
    () => true,
    () => false,
  );
  const took = Math.round(performance.now() - startedAt);
  ledger.write(isAccepted ? 'accepted' : 'refused', `${number} ${took}`);
}

void produce();
