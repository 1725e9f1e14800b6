import { describe, expect, it } from 'vitest';
import { StrayErrors } from '../../../lib/console/stray-errors.js';
import { FakeProcess } from './support/fake-process.js';

function setup(): { host: FakeProcess; strayErrors: StrayErrors; lines: unknown[][] } {
  const host = new FakeProcess();
  const lines: unknown[][] = [];
  const strayErrors = new StrayErrors(host, { enabled: () => true, log: (...line) => lines.push(line) });
  strayErrors.watch();
  return { host, strayErrors, lines };
}

describe('an error of the application that nobody can catch', () => {
  it('is logged with its text, counted, and does not end the process', () => {
    const { host, strayErrors, lines } = setup();
    const error = new TypeError('no such column');

    host.emit('unhandledRejection', error);
    host.emit('uncaughtException', new Error('Socket closed.'));

    expect(lines).toEqual([
      [
        'error',
        'A promise was rejected and nobody handled it: TypeError: no such column. The worker goes on; ' +
          'look for a missing "await" or an "error" event without a listener.',
        { error },
      ],
      [
        'error',
        expect.stringContaining('nobody could catch it: Error: Socket closed. The worker'),
        expect.anything(),
      ],
    ]);
    expect([strayErrors.count, host.exits]).toEqual([2, []]);
  });

  it('may be anything', () => {
    const { host, lines } = setup();
    const hostile = {
      get message(): string {
        throw new Error('never read me');
      },
    };

    for (const thrown of [undefined, null, 'a text', Object.create(null), hostile]) {
      host.emit('unhandledRejection', thrown);
    }

    expect(lines).toHaveLength(5);
  });
});
