import { ServerLooks } from './server.looks.js';
import { SignalBoard } from './server.signal-board.js';

/** What the transports of one table share in a process. */
export class SharedTable {
  readonly signals: SignalBoard = new SignalBoard();
  readonly looks: ServerLooks = new ServerLooks((signals, began) => this.signals.note(signals, began));
}
