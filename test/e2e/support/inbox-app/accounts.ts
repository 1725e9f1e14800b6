import { Inject, Injectable } from '@nestjs/common';
import { MessageHandler } from '../../../../lib/decorator/message-handler.decorator.js';
import { OnMessengerEvent } from '../../../../lib/decorator/on-messenger-event.decorator.js';
import { WorkerMessageHandledEvent } from '../../../../lib/event/worker-message-handled.event.js';
import type { HandlerContext } from '../../../../lib/handler/handler-context.js';
import { RedeliveredStamp } from '../../../../lib/stamp/redelivered.stamp.js';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import type { AppDatabase } from './app-database.js';
import { Deposit } from './messages.js';

/** Long enough for a worker to be killed in it now and then. */
const MOMENT_MS = 3;

/** The token of the {@link AppDatabase}. */
export const APP_DATABASE = Symbol('APP_DATABASE');

@Injectable()
export class Accounts {
  readonly #database: AppDatabase;
  readonly #ledger: Ledger;

  constructor(@Inject(APP_DATABASE) database: AppDatabase, ledger: Ledger) {
    this.#database = database;
    this.#ledger = ledger;
  }

  @MessageHandler(Deposit, { idempotent: true })
  async deposit(
    { number, amount, halt }: Deposit,
    { transaction, envelope }: HandlerContext<object>,
  ): Promise<void> {
    await this.#database.deposit(transaction, number, amount);
    this.#ledger.write('deposits', `${number}`);
    if (halt === 'before the commit' && !envelope.has(RedeliveredStamp)) {
      this.#ledger.write('halted', halt);
      await this.#ledger.turnedOn('never');
    }
    await new Promise((resolve) => setTimeout(resolve, MOMENT_MS));
  }

  /** The worker waits for its listeners before it acknowledges. */
  @OnMessengerEvent(WorkerMessageHandledEvent)
  async handled({ envelope, skippedHandlers }: WorkerMessageHandledEvent): Promise<void> {
    const { number, halt } = envelope.message as Deposit;
    if (skippedHandlers.length > 0) {
      this.#ledger.write('skipped', `${number}`);
    } else if (halt === 'after the commit') {
      this.#ledger.write('halted', halt);
      await this.#ledger.turnedOn('never');
    }
  }
}
