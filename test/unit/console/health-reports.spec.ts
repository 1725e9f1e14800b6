import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type HealthRequest, startHealthReports } from '../../../lib/console/health-reports.js';
import { HealthReportError } from '../../../lib/errors/health-report.error.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, rejectionOf } from '../../fixtures/core.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'messenger-health-'));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function setup() {
  const core = createCore({ transports: { async: new InMemoryTransport({ transportName: 'async' }) } });
  const worker = core.workers.create(['async']);
  const start = async (request: HealthRequest) => {
    const stop = await startHealthReports(request, worker, core.logger);
    onTestFinished(stop);
    return stop;
  };
  const run = (): Promise<unknown> => {
    const result = worker.run();
    onTestFinished(async () => {
      worker.stop('the test is over');
      await result;
    });
    return expect.poll(() => worker.state.polls[0]?.answeredAt).toBeDefined();
  };
  /** Where it says that it listens. */
  const url = (): string => /http:\S+(?=\/live)/.exec(core.logger.texts('info').join('\n'))?.[0] ?? '';
  return { ...core, worker, start, run, url };
}

const file = (): string => join(folder, 'worker.json');
const written = (): unknown => JSON.parse(readFileSync(file(), 'utf8'));

describe('the health port of a worker', () => {
  it('tells that it is alive, and ready once a transport has answered, until it stops', async () => {
    const { worker, start, run, url } = setup();
    await start({ port: 0 });
    expect(url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    const early = await fetch(`${url()}/ready`);
    expect([early.status, await early.json()]).toMatchObject([
      503,
      { status: 'not ready', reasons: ['No transport has answered yet.'] },
    ]);
    expect((await fetch(`${url()}/live`)).status).toBe(200);

    await run();
    const ready = await fetch(`${url()}/ready`);
    expect([ready.status, ready.headers.get('content-type'), await ready.json()]).toEqual([
      200,
      'application/json',
      {
        status: 'ready',
        reasons: [],
        worker: {
          id: worker.info.id,
          pid: process.pid,
          startedAt: worker.info.startedAt.toJSON(),
          uptime: 0,
          isStopping: false,
          inHand: 0,
          processed: 0,
          failed: 0,
          memory: expect.any(Number) as number,
        },
        transports: [{ name: 'async', status: 'ok', pollAge: 0 }],
      },
    ]);

    worker.stop('the test is over');
    expect((await fetch(`${url()}/ready`)).status).toBe(503);
    const live = await fetch(`${url()}/live?probe=1`);
    expect([live.status, await live.json()]).toMatchObject([
      200,
      { status: 'live', worker: { isStopping: true } },
    ]);
  });

  it('answers nothing else', async () => {
    const { start, url } = setup();
    await start({ port: 0 });

    const responses = await Promise.all([
      fetch(url()),
      fetch(`${url()}/live`, { method: 'POST', body: 'x' }),
      fetch(`${url()}/live`, { method: 'HEAD' }),
    ]);

    expect(responses.map(({ status }) => status)).toEqual([404, 405, 200]);
    expect(responses[1]?.headers.get('allow')).toBe('GET, HEAD');
    expect(await responses[2]?.text()).toBe('');
  });

  it('is refused if it is taken', async () => {
    const [first, second] = [setup(), setup()];
    await first.start({ port: 0 });
    const port = Number(new URL(first.url()).port);

    const error = await rejectionOf(second.start({ port }));

    expect(error).toBeInstanceOf(HealthReportError);
    expect(error.message).toMatch(
      new RegExp(
        `^Option "--health-port": cannot listen on http://127\\.0\\.0\\.1:${port}: .*EADDRINUSE.* Choose a port that is free, and an address of this machine\\.$`,
      ),
    );
  });

  it('is closed in the end, whoever is still connected', async () => {
    const { start, url } = setup();
    const stop = await start({ port: 0 });
    const slow = connect(Number(new URL(url()).port), '127.0.0.1');
    const closed = once(slow, 'close');
    slow.on('error', () => undefined).write('GET /live HTTP/1.1\r\nHost: x\r\n');
    await (await fetch(`${url()}/live`)).text();

    await stop();
    await closed;

    await expect(fetch(`${url()}/live`)).rejects.toThrow();
  });
});

describe('the health file of a worker', () => {
  it('has what the port tells, is written every 5 s, and is gone in the end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { start, run } = setup();
    const stop = await start({ file: file() });
    expect(written()).toMatchObject({ status: 'not ready', worker: { pid: process.pid } });
    await run();

    vi.advanceTimersByTime(5000);

    await expect.poll(written).toMatchObject({ status: 'ready', transports: [{ name: 'async' }] });
    await stop();
    expect(existsSync(file())).toBe(false);
  });

  it('is refused if it cannot be written, and no port is left open', async () => {
    const { start, url } = setup();
    const path = join(folder, 'missing', 'worker.json');

    const error = await rejectionOf(start({ file: path, port: 0 }));

    expect(error).toBeInstanceOf(HealthReportError);
    expect(error.message).toMatch(
      /^Option "--health-file": cannot write ".*worker\.json": ENOENT.* Name a file in a folder that exists and is writable\.$/,
    );
    await expect(fetch(`${url()}/live`)).rejects.toThrow();
  });

  it('does not end the worker when it can no longer be written; that is told once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { start, logger } = setup();
    await start({ file: file() });
    rmSync(folder, { recursive: true });
    vi.advanceTimersByTime(5000);
    await expect.poll(() => logger.texts('warn')).toHaveLength(1);

    vi.advanceTimersByTime(5000);
    await expect
      .poll(() => logger.texts('debug').filter((text) => text.includes('health file')))
      .toHaveLength(1);

    expect(logger.texts('warn')).toEqual([`The health file "${file()}" cannot be written.`]);
    folder = mkdtempSync(join(tmpdir(), 'messenger-health-'));
  });
});
