import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gated } from '../fixtures/e2e-app/messages.js';
import { Playground } from './support/playground.js';

const DONE = { code: 0, signal: null };

interface Listed {
  readonly id: string;
  readonly pid: number;
}

describe('the health of worker processes', () => {
  let playground: Playground;
  let folder: string;

  beforeEach(() => {
    playground = new Playground();
    folder = mkdtempSync(join(tmpdir(), 'messenger-health-'));
  });

  afterEach(async () => {
    await playground[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  async function listed(): Promise<readonly Listed[]> {
    const command = playground.messenger('workers', '--format=json');
    expect(await command.exited()).toEqual(DONE);
    return (JSON.parse(command.stdout) as { workers: readonly Listed[] }).workers;
  }

  it('is told by a file and a port while they run; they are listed, and waited for until they are gone', async () => {
    const file = join(folder, 'worker.json');
    await playground.dispatch([new Gated('long')]);
    const worker = await playground.runningWorker('async', `--health-file=${file}`, '--health-port=0');
    const other = await playground.runningWorker('urgent');
    await playground.recorded('started long');
    const url = /http:\S+\/ready/.exec(await worker.written(/Health is told at .*\/ready/))?.[0] ?? '';

    const ready = await fetch(url);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      {
        status: 'ready',
        worker: { pid: worker.pid, inHand: 1 },
        transports: [{ name: 'async', status: 'ok' }],
      },
    ]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ worker: { pid: worker.pid } });
    expect(new Set((await listed()).map(({ pid }) => pid))).toEqual(new Set([worker.pid, other.pid]));

    const command = playground.messenger('stop-workers', '--wait', '--format=json');
    expect(await other.exited()).toEqual(DONE);
    await worker.written(/stops: stop-workers was called/);
    expect((await fetch(url)).status).toBe(503);
    expect(command.hasExited).toBe(false);

    playground.turnOn('gate');
    expect(await worker.exited()).toEqual(DONE);
    expect(await command.exited()).toEqual(DONE);
    const { gone, remaining } = JSON.parse(command.stdout) as { gone: string[]; remaining: unknown[] };
    expect([gone.length, remaining]).toEqual([2, []]);
    expect(playground.ledger).toContain('handled long');
    expect(existsSync(file)).toBe(false);
  }, 60_000);

  it('cannot be told where the port is taken: the worker ends with code 1', async () => {
    const first = await playground.runningWorker('async', '--health-port=0');
    const port = /:(\d+)\/live/.exec(await first.written(/Health is told at .*\/live/))?.[1] ?? '';

    const second = playground.worker('async', `--health-port=${port}`);

    expect(await second.exited()).toEqual({ code: 1, signal: null });
    expect(second.stderr).toContain('MESSENGER_HEALTH_REPORT');
  });
});
