import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../lib/console/run-program.js';
import { CONSOLE_COMMANDS } from '../../../lib/console/run-console.js';
import { MessengerModule } from '../../../lib/module/messenger.module.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { WorkerFactory } from '../../../lib/worker/worker-factory.js';
import { ConsoleApp, OrderPlaced } from './support/console-app.js';
import { FakeProcess } from './support/fake-process.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

let app: ConsoleApp;
let worker: Worker;
let closeWorker: () => Promise<void>;

/** A worker of the application, as another process has it. */
async function startWorker(concurrency: number): Promise<void> {
  const context = await NestFactory.createApplicationContext(app.module(), {
    logger: false,
    abortOnError: false,
  });
  worker = context.get(WorkerFactory, { strict: false }).create(['async'], { concurrency });
  const result = worker.run();
  closeWorker = async () => {
    worker.stop('the test is over');
    await result;
    await context.close();
  };
  await expect.poll(async () => (await listed()).length).toBe(1);
}

async function listed(): Promise<ReadonlyArray<Record<string, unknown>>> {
  const { json } = await app.run(['workers', '--format=json']);
  return (json() as { workers: ReadonlyArray<Record<string, unknown>> }).workers;
}

beforeEach(() => {
  app = new ConsoleApp();
  closeWorker = async () => undefined;
});

afterEach(async () => {
  await closeWorker();
  await app.delete();
});

describe('workers', () => {
  it('says so if there are none', async () => {
    expect(await app.run(['workers'])).toMatchObject({
      exitCode: 0,
      stdout: 'No worker runs.\n',
      stderr: '',
    });
  });

  it('lists those that run, for people and for programs, until they end', async () => {
    await startWorker(3);

    const { stdout, exitCode } = await app.run(['workers']);

    expect(stdout).toMatch(
      /^Host +Process +Transports +Uptime +In hand +Memory +Last poll +Seen\n\S+ +\d+ +async +\d+ s +0 of 3 +\d+M +(?:never|\d+ s ago) +\d+ s ago\n/,
    );
    expect(stdout).toContain('A worker that was killed is listed for up to 45 seconds more.\n');
    expect(exitCode).toBe(0);
    expect(await listed()).toEqual([
      {
        id: worker.info.id,
        host: worker.info.id.split(':')[0],
        pid: process.pid,
        transports: ['async'],
        queues: [],
        concurrency: 3,
        startedAt: worker.info.startedAt.toJSON(),
        uptime: expect.any(Number) as number,
        inHand: 0,
        processed: 0,
        failed: 0,
        memory: expect.any(Number) as number,
        // What it said first, or after a second.
        lastPoll: { async: expect.toSatisfy((age: unknown) => age === null || age === 0) as unknown },
        isStopping: false,
        reasons: expect.any(Array) as unknown,
        seen: expect.any(Number) as number,
      },
    ]);

    await closeWorker();
    closeWorker = async () => undefined;

    expect(await listed()).toEqual([]);
  });

  it('needs a transport that keeps the list', async () => {
    class AppModule {}
    const module = {
      module: AppModule,
      imports: [MessengerModule.forRoot({ transports: { a: 'in-memory://' } })],
    };
    const output = new MemoryOutput();
    const surroundings = {
      argv: ['workers'],
      output,
      host: new FakeProcess(),
      createPrompt: () => new ScriptedPrompt(false),
    };

    const exitCode = await runProgram(
      { name: 'x', description: '', commands: CONSOLE_COMMANDS },
      module,
      surroundings,
    );

    expect(exitCode).toBe(1);
    expect(output.stderr).toContain(
      'No transport keeps the list of the workers that run (configured: "a"). Ask your supervisor for them',
    );
  });
});

describe('stop-workers --wait', () => {
  it('returns when the workers are gone, after what they had in hand', async () => {
    await startWorker(1);
    const { id } = worker.info;
    await app.dispatch([new OrderPlaced(1)]);

    const { exitCode, json } = await app.run(['stop-workers', '--wait', '--format=json']);

    expect(json()).toEqual({ requestedAt: expect.any(String) as string, gone: [id], remaining: [] });
    expect(exitCode).toBe(0);
    expect(worker.state.isStopping).toBe(true);
    expect(await listed()).toEqual([]);
  });

  it('says how many there were', async () => {
    expect(await app.run(['stop-workers', '--wait=5'])).toMatchObject({
      exitCode: 0,
      stdout:
        'The workers that run now were asked to stop. Waiting for 5 s at the most.\nThey are gone: 0 worker(s).\n',
    });
  });

  it('ends with code 1 when its time is over, and names those that are still there', async () => {
    await startWorker(1);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    app.switchboard.onHandled = () => held;
    await app.dispatch([new OrderPlaced(1)]);
    await expect.poll(() => worker.state.inHand).toBe(1);

    const { exitCode, stdout } = await app.run(['stop-workers', '--wait=0.2']);
    release();

    expect(stdout).toContain(
      `0 worker(s) are gone. Still there: process ${process.pid} on host "${worker.info.id.split(':')[0]}".\n`,
    );
    expect(exitCode).toBe(1);
  });

  it('refuses a time that is none', async () => {
    expect(await app.run(['stop-workers', '--wait=soon'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        'Option "--wait" must be a positive number of seconds, "soon" passed.',
      ) as string,
    });
  });
});
