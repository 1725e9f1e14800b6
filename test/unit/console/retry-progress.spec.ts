import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ProcessOutput } from '../../../lib/console/output.js';
import { RetryProgress } from '../../../lib/console/retry-progress.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import { MemoryOutput } from './support/memory-output.js';

describe('RetryProgress', () => {
  it('tells how far it is, how fast, and how long it will take', async () => {
    const clock = new FakeClock();
    const output = new MemoryOutput(true);
    const progress = new RetryProgress(output, 1000, clock);

    for (let i = 0; i < 40; i++) {
      await clock.advance(50);
      progress.add({ id: String(i), outcome: i % 20 === 0 ? 'failed' : 'handled' });
    }
    progress.end();

    expect(output.statuses[0]).toBe('1 of 1000 done, 1 failed again');
    expect(output.statuses.at(-2)).toBe('39 of 1000 done, 2 failed again; 20/s, 48 s left');
    expect(output.statuses.at(-1)).toBeUndefined();
    // Not for every message.
    expect(output.statuses).toHaveLength(21);
  });
});

/** A stream of a process that writes into a list. */
class FakeStream extends EventEmitter {
  readonly columns = 20;

  constructor(
    readonly written: string[],
    readonly isTTY: boolean,
  ) {
    super();
  }

  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
}

describe('the line below what is written', () => {
  it('stays below, and goes', () => {
    const written: string[] = [];
    const [stdout, stderr] = [new FakeStream(written, true), new FakeStream(written, true)];
    const output = new ProcessOutput(stdout as never, stderr as never);

    output.write('a\n');
    output.showStatus('1 of 3');
    output.writeError('b\n');
    output.showStatus('2 of 3, and more than there is room for');
    output.showStatus(undefined);
    output.write('c\n');

    expect(written.join('')).toBe(
      'a\n\r\u001b[K1 of 3\r\u001b[Kb\n1 of 3\r\u001b[K2 of 3, and more th\r\u001b[Kc\n',
    );
  });

  it('is nowhere but in a terminal', () => {
    const written: string[] = [];
    const stream = new FakeStream(written, false);
    const output = new ProcessOutput(stream as never, stream as never);

    output.showStatus('1 of 3');
    output.write('a\n');

    expect(written).toEqual(['a\n']);
  });
});
