import { Injectable } from '@nestjs/common';
import { MessageHandler } from '../../../../lib/decorator/message-handler.decorator.js';
import { OnMessengerEvent } from '../../../../lib/decorator/on-messenger-event.decorator.js';
import { WorkerMessageHandledEvent } from '../../../../lib/event/worker-message-handled.event.js';
import type { HandlerContext } from '../../../../lib/handler/handler-context.js';
import { RedeliveredStamp } from '../../../../lib/stamp/redelivered.stamp.js';
import type { SqliteDatabase } from '../../../../lib/transports/sql/sqlite/sqlite.driver.js';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import { Deposit } from './messages.js';

/** Long enough for a worker to be killed in it now and then. */
const MOMENT_MS = 3;

@Injectable()
export class Accounts {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  @MessageHandler(Deposit, { idempotent: true })
  async deposit(
    { number, amount, halt }: Deposit,
    { transaction, envelope }: HandlerContext<SqliteDatabase>,
  ): Promise<void> {
    transaction.prepare('INSERT INTO deposits (number, amount) VALUES (?, ?)').run(number, amount);
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
