import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Careless, Fragile, Note } from '../fixtures/e2e-app/messages.js';
import { Playground, until } from './support/playground.js';

const DONE = { code: 0, signal: null };
const FAILED = { code: 1, signal: null };

interface ShownMessages {
  readonly messages: ReadonlyArray<{ readonly id: string; readonly attempts: readonly unknown[] }>;
}

describe('a message that fails', () => {
  let playground: Playground;

  beforeEach(() => {
    playground = new Playground();
  });

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
  });

  const shown = async (): Promise<ShownMessages> => {
    const command = playground.messenger('failed:show', '--format=json');
    expect(await command.exited()).toEqual(DONE);
    return JSON.parse(command.stdout) as ShownMessages;
  };

  it('is retried, ends in the failure transport, is shown there, and can be retried once its cause is mended', async () => {
    const worker = await playground.runningWorker('async');
    await playground.dispatch([new Fragile('x'), new Note('meanwhile')]);
    await until(
      'it is in the failure transport',
      async () => (await playground.counts('failed')).ready === 1,
    );
    worker.kill('SIGTERM');
    expect(await worker.exited()).toEqual(DONE);
    expect(playground.ledger).toEqual(['tried x', 'handled meanwhile', 'tried x']);
    const [message] = (await shown()).messages;
    expect(message).toMatchObject({
      message: 'Fragile',
      failedFrom: 'async',
      error: { class: 'TypeError', message: 'the provider is down for x' },
      attempts: [{ errorClass: 'TypeError' }, { errorClass: 'TypeError' }],
    });

    const vain = playground.messenger('failed:retry', '--force');
    expect(await vain.exited()).toEqual(FAILED);
    expect(vain.stdout).toMatch(/failed again, and is still there: the provider is down for x/);
    expect((await shown()).messages[0]?.attempts).toHaveLength(3);

    playground.turnOn('mended');
    const retry = playground.messenger('failed:retry', '--force', '--format=json');
    expect(await retry.exited()).toEqual(DONE);
    expect(JSON.parse(retry.stdout)).toMatchObject({
      transport: 'failed',
      messages: [{ outcome: 'handled' }],
    });
    expect(playground.ledger).toContain('handled x');
    expect((await shown()).messages).toEqual([]);
  });

  it('does not end the worker with what it leaves behind, a rejected promise or a throwing callback', async () => {
    const worker = await playground.runningWorker('async');

    await playground.dispatch([new Careless('this'), new Note('next')]);
    await playground.recorded('handled next');
    await worker.written(/nobody handled it: Error: nobody caught this\. The worker goes on/);
    await worker.written(/nobody could catch it: Error: nobody expected this\. The worker goes on/);

    worker.kill('SIGTERM');
    expect(await worker.exited()).toEqual(DONE);
    expect(playground.ledger).toEqual(['handled this', 'handled next']);
  });

  it('is told in JSON lines if that is wanted, with its error', async () => {
    const worker = await playground.runningWorker('async', '--format=json', '-v');
    await playground.dispatch([new Fragile('y')]);
    await worker.written(/It is now in failure transport/);
    worker.kill('SIGTERM');
    await worker.exited();

    const lines = worker.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(worker.stderr).toBe('');
    expect(
      lines.every(({ time, level, message }) =>
        [time, level, message].every((field) => typeof field === 'string'),
      ),
    ).toBe(true);
    expect(lines.find(({ level }) => level === 'error')).toMatchObject({
      context: 'Messenger',
      error: {
        name: 'TypeError',
        message: 'the provider is down for y',
        stack: expect.stringContaining('handlers.js') as string,
      },
    });
  });
});
