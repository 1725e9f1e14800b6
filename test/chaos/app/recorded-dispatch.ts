import type { MessageBus } from '../../../lib/bus/message-bus.js';
import { isThrown } from '../../../lib/errors/is-thrown.js';
import { MaybeSentError } from '../../../lib/errors/maybe-sent.error.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import type { ChaosLedger } from '../ledger/chaos-ledger.js';
import type { DispatchRow } from '../ledger/history.js';
import type { ChaosMessage } from './messages.js';

/**
 * Dispatches a message, delayed until it is due, and writes down what the producer was told: `accepted` only after `dispatch`
 * resolved. Never rejects.
 *
 * @param commit makes what was dispatched last, where that is up to the producer. @default nothing is needed
 * @returns the error, if it was refused.
 */
export async function dispatchRecorded(
  bus: MessageBus,
  ledger: ChaosLedger,
  message: ChaosMessage,
  commit: () => Promise<void> = () => Promise.resolve(),
): Promise<unknown> {
  const write = (what: DispatchRow['what'], maybeSent = false): void => {
    const { id, key, sequence, dueAt } = message;
    ledger.dispatch({ what, id, key, sequence, type: message.constructor.name, dueAt, maybeSent });
  };
  write('attempted');
  try {
    await bus.dispatch(message, stampsOf(message));
    await commit();
    write('accepted');
    return undefined;
  } catch (error) {
    write('refused', isThrown(error, MaybeSentError) || saysSo(error));
    return error;
  }
}

/** Redis tells it in words. */
function saysSo(error: unknown): boolean {
  return error instanceof Error && error.message.includes('it may have been carried out');
}

function stampsOf({ dueAt }: ChaosMessage): readonly Stamp[] {
  const delay = dueAt - Date.now();
  return delay > 0 ? [new DelayStamp(delay)] : [];
}
