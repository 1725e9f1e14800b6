// node producer.js <run> <type> <first> <count>: dispatches messages of a type one after the other, numbered from <first>. With an
// outbox each is dispatched in a transaction of its own.
import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBus } from '../../../lib/bus/message-bus.js';
import { Messenger } from '../../../lib/bus/messenger.js';
import { armedFailpoints } from '../failpoints/armed-failpoints.js';
import { Failpoints } from '../failpoints/failpoints.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';
import { ChaosAppModule } from './chaos-app.module.js';
import { optionsFromEnvironment } from './chaos-app.options.js';
import { type ChaosMessage, MESSAGE_TYPES, type MessageTypeName, newId } from './messages.js';
import { openProducerDatabase, type ProducerDatabase } from './producer-database.js';
import { dispatchRecorded } from './recorded-dispatch.js';

async function main(): Promise<void> {
  const [run = '', type = 'Plain', first = '1', count = '1'] = process.argv.slice(2);
  const options = optionsFromEnvironment();
  const app = await NestFactory.createApplicationContext(
    ChaosAppModule.in(options, armedFailpoints(process.env)),
    { logger: ['error'] },
  );
  const database = options.database === undefined ? undefined : await openProducerDatabase(options.database);
  console.log('The producer dispatches.');
  for (let number = Number(first); number < Number(first) + Number(count); number++) {
    const message = new MESSAGE_TYPES[type as MessageTypeName](newId(run, number), 'all', number);
    await (database === undefined
      ? dispatchRecorded(app.get(MessageBus), app.get(ChaosLedger), message)
      : place(app, database, message));
  }
  await database?.close();
  await app.close();
}

/** In a transaction: the message is accepted when that is committed. */
async function place(
  app: INestApplicationContext,
  database: ProducerDatabase,
  message: ChaosMessage,
): Promise<void> {
  const failpoints = app.get(Failpoints);
  const passage = { ids: [message.id] };
  await database.begin();
  await app.get(Messenger).inTransaction(database.transaction, async () => {
    await database.insert(message.id);
    await dispatchRecorded(app.get(MessageBus), app.get(ChaosLedger), message, async () => {
      await failpoints.pass('before-commit', passage);
      await database.commit();
      await failpoints.pass('after-outbox-commit', passage);
    });
  });
}

void main();
