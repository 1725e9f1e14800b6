import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { MessageBus } from '../../../../lib/bus/message-bus.js';
import { MessageHandler } from '../../../../lib/decorator/message-handler.decorator.js';
import { Ledger } from '../../../fixtures/e2e-app/ledger.js';
import { Ordinary, Urgent } from './messages.js';

const WORK_MS = 5;

@Injectable()
export class PriorityHandlers {
  readonly #bus: MessageBus;
  readonly #ledger: Ledger;

  constructor(bus: MessageBus, ledger: Ledger) {
    this.#bus = bus;
    this.#ledger = ledger;
  }

  @MessageHandler()
  urgent({ number }: Urgent): void {
    this.#ledger.write('urgent', `${number}`);
  }

  @MessageHandler()
  async ordinary({ number, asksForUrgent }: Ordinary): Promise<void> {
    await sleep(WORK_MS);
    if (asksForUrgent) {
      await this.#bus.dispatch(new Urgent(number));
    }
    this.#ledger.write(asksForUrgent ? 'asked' : 'ordinary', `${number}`);
  }
}
