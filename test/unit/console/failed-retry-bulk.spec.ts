import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StopWorkerError } from '../../../lib/errors/stop-worker.error.js';
import { ConsoleApp, MailSent, OrderPlaced } from './support/console-app.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

let app: ConsoleApp;

beforeEach(async () => {
  app = new ConsoleApp();
  await app.fail(new OrderPlaced(1), new MailSent('ada'), new OrderPlaced(2), new OrderPlaced(3));
});

afterEach(() => app.delete());

const handledOrders = (): readonly object[] =>
  app.switchboard.handled.filter((message) => message instanceof OrderPlaced);

describe('failed:retry of several messages', () => {
  it('sums up what became of them', async () => {
    app.switchboard.onHandled = () => {
      app.switchboard.isBroken = true;
    };

    const { exitCode, stdout } = await app.run(['failed:retry', '--force']);

    expect(stdout).toMatch(/^1 handled, 3 failed again\.\n$/m);
    expect(exitCode).toBe(1);
  });

  it('stops after as many as were asked for, and says how to go on', async () => {
    const { exitCode, stdout } = await app.run([
      'failed:retry',
      '--force',
      '--limit=2',
      '--class-filter=order.*',
    ]);

    expect(exitCode).toBe(0);
    expect(handledOrders()).toEqual([new OrderPlaced(1), new OrderPlaced(2)]);
    expect(stdout).toMatch(
      /^Stopped: 2 message\(s\) were retried, as many as "--limit" says\. 1 message\(s\) were not tried\.$/m,
    );
    expect(stdout).toMatch(
      /^To go on with them: failed:retry '--class-filter=order\.\*' --failed-before=\S+Z --force --limit=2$/m,
    );
  });

  it('stops after as many failures as were asked for, and goes on with those that were not tried', async () => {
    app.switchboard.isBroken = true;
    const stopped = (await app.run(['failed:retry', '--force', '-f', '2', '--format=json'])).json() as {
      readonly resume: readonly string[];
    };
    expect(stopped).toMatchObject({
      counts: { failed: 2 },
      notTried: 2,
      stopReason: '2 message(s) failed again',
    });

    app.switchboard.isBroken = false;
    const resumed = await app.run([...stopped.resume, '--format=json']);
    expect(resumed.json()).toMatchObject({ counts: { handled: 2 }, notTried: 0 });
    expect(resumed.json()).not.toHaveProperty('resume');
    expect(app.switchboard.handled).toEqual([new OrderPlaced(2), new OrderPlaced(3)]);
    expect(await app.failedIds()).toHaveLength(2);
  });

  it('goes on with the ids that were not tried if ids were named', async () => {
    const ids = await app.failedIds();

    const { stdout } = await app.run([
      'failed:retry',
      ...ids,
      '--limit=1',
      '--keepalive=7',
      '--transport=failed',
    ]);

    const others = ids.slice(1).join(' ');
    expect(stdout).toContain(
      `To go on with them: failed:retry ${others} --force --limit=1 --keepalive=7 --transport=failed\n`,
    );
  });

  it('says how to go on when a signal stops it', async () => {
    app.switchboard.onHandled = () => app.host.signal('SIGTERM');

    const { exitCode, stdout } = await app.run(['failed:retry', '--force', '--rate=100/s']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Stopped: signal SIGTERM\. 3 message\(s\) were not tried\.$/m);
    expect(stdout).toMatch(/^To go on with them: failed:retry --failed-before=\S+Z --force --rate=100\/s$/m);
  });

  it('stops when a handler asks for it', async () => {
    app.switchboard.onHandled = () => {
      throw new StopWorkerError('the disk is full');
    };

    const { exitCode, stdout } = await app.run(['failed:retry', '--force']);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^Stopped: the disk is full\. 3 message\(s\) were not tried\.$/m);
  });

  it('does not wait for the next turn when it is stopped', async () => {
    app.switchboard.onHandled = () => setImmediate(() => app.host.signal('SIGTERM'));

    const { stdout } = await app.run(['failed:retry', '--force', '--rate=1/h']);

    expect(stdout).toMatch(/^Stopped: signal SIGTERM\./m);
    expect(app.switchboard.handled).toHaveLength(1);
  });

  it('shows its progress in a terminal, and only what went wrong above it', async () => {
    const output = new MemoryOutput(true);
    app.switchboard.onHandled = () => {
      app.switchboard.isBroken = app.switchboard.handled.length === 3;
    };

    await app.run(['failed:retry', '--force'], undefined, output);

    expect(output.statuses[0]).toBe('1 of 4 done');
    expect(output.statuses.at(-1)).toBeUndefined();
    expect(output.stdout).toMatch(/^Message "\d+" failed again.*\n3 handled, 1 failed again\.\n$/);
  });

  it('shows none where it asks, in JSON and for a single message', async () => {
    const outputs = [new MemoryOutput(true), new MemoryOutput(true), new MemoryOutput(true)] as const;
    const [id = ''] = await app.failedIds();

    await app.run(['failed:retry'], new ScriptedPrompt(true, 'skip', 'skip', 'skip', 'skip'), outputs[0]);
    await app.run(['failed:retry', id, '--force'], undefined, outputs[1]);
    await app.run(['failed:retry', '--force', '--format=json'], undefined, outputs[2]);

    const shown = outputs.flatMap(({ statuses }) => statuses).filter((status) => status !== undefined);
    expect(shown).toEqual([]);
  });

  it.each([
    [['--rate=50'], 'Option "--rate" must be a rate such as "50/s", "600/m" or "1000/h", "50" passed.'],
    [['--rate=0/s'], 'Option "--rate" must be a rate such as'],
    [['--limit=0'], 'Option "--limit" must be a positive integer, "0" passed.'],
    [['--failure-limit=x'], 'Option "--failure-limit" must be a positive integer, "x" passed.'],
    [['--keepalive=x'], 'Write a value directly after it, as in "--keepalive=10".'],
    [['1', '--class-filter=MailSent'], 'Name messages by their ids, or choose them by'],
  ])('refuses %j', async (options, text) => {
    const run = await app.run(['failed:retry', '--force', ...options]);

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(text);
    expect(await app.failedIds()).toHaveLength(4);
  });
});

describe('failed:retry --dry-run', () => {
  it('only tells how many would be retried', async () => {
    const { exitCode, stdout } = await app.run(['failed:retry', '--dry-run', '--rate=6/m']);

    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      'Message       Count\norder.placed  3\nMailSent      1\n' +
        '4 message(s) of "failed" would be retried, in 30 s or more. Nothing was done.\n',
    );
    expect(app.switchboard.handled).toEqual([]);
    expect(await app.failedIds()).toHaveLength(4);
  });

  it('goes by the other options', async () => {
    const run = async (...options: readonly string[]) =>
      app.run(['failed:retry', '--dry-run', '--format=json', ...options]);

    expect((await run('--class-filter=OrderPlaced', '--limit=2')).json()).toEqual({
      transport: 'failed',
      dryRun: true,
      count: 2,
      classes: { 'order.placed': 2 },
      notFound: [],
    });
    const [id = ''] = await app.failedIds();
    const named = await run(id, '99');
    expect([named.exitCode, named.stderr]).toEqual([1, 'Not found: "99".\n']);
    expect(named.json()).toMatchObject({ count: 1, notFound: ['99'] });
    expect((await app.run(['failed:retry', '--dry-run', '--redispatch'])).stdout).toContain(
      '4 message(s) of "failed" would be sent back. Nothing was done.\n',
    );
  });
});

describe('failed:retry --redispatch', () => {
  it('sends messages back to where they failed, asking for each in a terminal', async () => {
    const prompt = new ScriptedPrompt(true, 'retry', 'skip', 'delete', 'retry');

    const { exitCode, stdout } = await app.run(['failed:retry', '--redispatch'], prompt);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/was sent back to "async"\.[^]*was skipped\.[^]*was removed\.[^]*was sent back/);
    expect(stdout).toMatch(/^2 sent back, 1 skipped, 1 removed\.$/m);
    expect(app.switchboard.handled).toEqual([]);
    expect((await app.run(['stats', '--format=json'])).json()).toMatchObject({
      transports: { async: { ready: 2 }, failed: { ready: 1 } },
    });
  });
});

describe('failed:remove', () => {
  it('only tells how many would be removed if it is a dry run', async () => {
    const run = await app.run(['failed:remove', '--class-filter=order.placed', '--dry-run']);

    expect([run.exitCode, run.stdout]).toEqual([
      0,
      '3 message(s) of "failed" would be removed. Nothing was done.\n',
    ]);
    expect((await app.run(['failed:remove', '99', '--dry-run', '--force', '--format=json'])).json()).toEqual({
      transport: 'failed',
      dryRun: true,
      count: 0,
      notFound: ['99'],
    });
    expect(await app.failedIds()).toHaveLength(4);
  });

  it('removes what failed in a time', async () => {
    await app.run(['failed:remove', '--failed-before=-1 hour', '--force']);
    expect(await app.failedIds()).toHaveLength(4);

    await app.run(['failed:remove', '--failed-after=-1 hour', '--class-filter=MailSent', '--force']);
    expect(await app.failedIds()).toHaveLength(3);
  });
});
