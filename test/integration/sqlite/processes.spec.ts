import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { application, note, only, temporaryFile, textsOf } from './setup.js';

const SCRIPT = join(__dirname, 'client-process.mjs');

interface Report {
  readonly received: readonly string[];
  readonly lost: number;
}

/** A process that uses the library as built, killed after the test if it is still there. */
function start(role: 'producer' | 'consumer' | 'victim', options: object): ChildProcess {
  const child = fork(SCRIPT, [role, JSON.stringify(options)]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  return child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
}

describe('several processes on one SQLite file', () => {
  it.each(['@photostructure/sqlite', 'libsql'])(
    'hand each message to one of them and lose none, with the driver "%s"',
    async (driver) => {
      const file = temporaryFile();
      const received: string[] = [];
      let lost = 0;
      const consumers = Array.from({ length: 3 }, () => start('consumer', { file, driver }));
      consumers.forEach((consumer) =>
        consumer.on('message', (report: Report) => {
          received.push(...report.received);
          lost += report.lost;
        }),
      );
      const producers = ['p', 'q'].map((prefix) => start('producer', { file, driver, prefix, count: 600 }));
      expect(await Promise.all(producers.map(exitCodeOf))).toEqual([0, 0]);
      await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(1200), { timeout: 15_000 });
      consumers.forEach((consumer) => consumer.send('stop'));
      expect(await Promise.all(consumers.map(exitCodeOf))).toEqual([0, 0, 0]);
      const sent = ['p', 'q'].flatMap((prefix) =>
        Array.from({ length: 600 }, (_, index) => `${prefix} ${index}`),
      );
      expect(received.toSorted()).toEqual(sent.toSorted());
      expect(lost).toBe(0);
      const counts = await application(file).open().messageCount();
      expect(counts).toMatchObject({ ready: 0, inFlight: 0, delayed: 0 });
    },
  );

  it('may all be the first to open it', async () => {
    const file = temporaryFile();
    const producers = [1, 2, 3, 4, 5].map((prefix) => start('producer', { file, prefix, count: 1 }));
    expect(await Promise.all(producers.map(exitCodeOf))).toEqual([0, 0, 0, 0, 0]);
    expect((await application(file).open().messageCount()).ready).toBe(5);
  });

  it('take over the message of one that was killed, once its lease is over', async () => {
    const { file, open } = application();
    const transport = open();
    await transport.send([note('a')]);
    const victim = start('victim', { file, lease: 0.5 });
    const [report] = (await once(victim, 'message')) as [Report];
    expect(report.received).toEqual(['a']);
    expect(await transport.get()).toEqual([]);
    victim.kill('SIGKILL');
    const received = only(await transport.get({ wait: 10_000 }));
    expect(textsOf([received])).toEqual(['a']);
    expect(received.last(RedeliveredStamp)?.deliveryCount).toBe(2);
    expect(await transport.ack([received])).toEqual({ lost: [] });
  });
});
