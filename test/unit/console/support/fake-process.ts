import { EventEmitter } from 'node:events';
import type { HostProcess } from '../../../../lib/console/host-process.js';

/** A process whose end is recorded. */
export class FakeProcess extends EventEmitter implements HostProcess {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }

  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGQUIT'): void {
    this.emit(name);
  }
}
