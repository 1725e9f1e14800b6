import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleApp, MailSent, OrderPlaced } from './support/console-app.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

let app: ConsoleApp;

beforeEach(async () => {
  app = new ConsoleApp();
  await app.fail(new OrderPlaced(1), new MailSent('ada'));
});

afterEach(() => app.delete());

describe('failed:show', () => {
  it('lists the messages with their errors', async () => {
    const { exitCode, stdout } = await app.run(['failed:show']);

    expect(stdout).toMatch(
      /^\d+ +order\.placed +async +\d{4}-\S+Z +RangeError: cannot handle \{"orderId":1\}$/m,
    );
    expect(stdout).toMatch(/^2 message\(s\) in "failed"\.$/m);
    expect(exitCode).toBe(0);
  });

  it('leaves out where they failed in a terminal that has no room for it', async () => {
    const [narrow, wide] = [new MemoryOutput(true, 99), new MemoryOutput(true, 100)];

    await app.run(['failed:show'], undefined, narrow);
    await app.run(['failed:show'], undefined, wide);

    expect(narrow.stdout).not.toContain('Failed from');
    expect(wide.stdout).toContain('Failed from');
  });

  it('answers in JSON even if there is no such message', async () => {
    const run = await app.run(['failed:show', '99', '--format=json']);

    expect(run.exitCode).toBe(1);
    expect(run.json()).toEqual({
      error: { code: 'MESSENGER_MESSAGE_NOT_FOUND', message: expect.stringContaining('"99"') as string },
    });
  });

  it('shows one in full: the trace of its last error if asked, that of its first and its stamps if asked twice', async () => {
    app.switchboard.isBroken = true;
    await app.run(['failed:retry', '--force']);
    const [id = ''] = await app.failedIds();

    const brief = await app.run(['failed:show', id]);
    const verbose = await app.run(['failed:show', id, '-v']);
    const full = await app.run(['failed:show', id, '-vv']);

    expect(brief.stdout).toMatch(/^Failed from +async$/m);
    expect(brief.stdout).toMatch(
      /^Attempts +\S+Z on \S+: RangeError: cannot handle.*\n +\S+Z on \S+: RangeError: cannot handle/m,
    );
    expect(brief.stdout).toMatch(/^Content +OrderPlaced \{ orderId: 1 \}$/m);
    expect(brief.stdout).not.toMatch(/^(Trace|First trace|Stamps|Error code)/m);
    expect(verbose.stdout).toMatch(/^Trace +RangeError: cannot handle .*\n +at /m);
    expect(verbose.stdout).not.toMatch(/^(First trace|Stamps)/m);
    expect(full.stdout).toMatch(/^First trace +RangeError: cannot handle .*\n +at /m);
    expect(full.stdout).toMatch(/^Stamps +.*SentToFailureTransportStamp/m);
  });

  it('does so in JSON', async () => {
    const [id = ''] = await app.failedIds();

    const shown = (await app.run(['failed:show', id, '--format=json'])).json();

    expect(shown).toMatchObject({
      transport: 'failed',
      id,
      message: 'order.placed',
      failedFrom: 'async',
      undecodable: null,
      error: { class: 'RangeError', code: 0, message: 'cannot handle {"orderId":1}' },
      attempts: [{ errorClass: 'RangeError' }],
      content: { orderId: 1 },
    });
    expect(shown).not.toHaveProperty(['attempts', 0, 'trace']);
  });

  it('counts the messages of each class, and filters', async () => {
    await app.fail(new MailSent('bob'));
    const run = async (...options: string[]) =>
      (await app.run(['failed:show', '--format=json', ...options])).json();

    expect(await run('--stats')).toEqual({ transport: 'failed', stats: { 'order.placed': 1, MailSent: 2 } });
    expect(await run('--class-filter=MailSent', '--max=1')).toMatchObject({
      messages: [{ message: 'MailSent' }],
      hasMore: true,
    });
  });

  it.each([
    [['failed:show', '--transport=fialed'], 2, 'Did you mean "failed"?'],
    [['failed:show', '--transport'], 2, 'Name a failure transport with "--transport": "failed".'],
    [['failed:show', '--max=none'], 2, 'Option "--max" must be a positive integer, "none" passed.'],
    [['failed:show', '99'], 1, 'Transport "failed" has no message with the id "99".'],
    [['failed:show', '1', '--class-filter=MailSent'], 2, 'Name messages by their ids, or choose them by'],
    [['failed:show', '--failed-after=soon'], 2, 'Option "--failed-after" must be a moment such as'],
  ])('says what is wrong with %j', async (argv, exitCode, text) => {
    const run = await app.run(argv);

    expect([run.exitCode, run.stdout]).toEqual([exitCode, '']);
    expect(run.stderr).toContain(text);
  });
});

describe('failed:retry', () => {
  it('handles all messages with --force', async () => {
    const { exitCode, stdout } = await app.run(['failed:retry', '--force']);

    expect(exitCode).toBe(0);
    expect(stdout.match(/^Message "\d+" was handled\.$/gm)).toHaveLength(2);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(1), new MailSent('ada')]);
    expect(await app.failedIds()).toEqual([]);
  });

  it('handles those that are named, without a question where nobody is', async () => {
    const [, second = ''] = await app.failedIds();

    const run = await app.run(['failed:retry', second, '--format=json']);

    expect(run.exitCode).toBe(0);
    expect(run.json()).toEqual({
      transport: 'failed',
      messages: [{ id: second, outcome: 'handled' }],
      counts: { handled: 1 },
      notTried: 0,
    });
    expect(app.switchboard.handled).toEqual([new MailSent('ada')]);
  });

  it('keeps a message that fails again, tries each once, and ends with 1', async () => {
    app.switchboard.isBroken = true;

    const { exitCode, stdout } = await app.run(['failed:retry', '--force']);

    expect(exitCode).toBe(1);
    expect(stdout.match(/^Message "\d+" failed again, and is still there: cannot handle .*$/gm)).toHaveLength(
      2,
    );
    const [id = ''] = await app.failedIds();
    const { attempts } = (await app.run(['failed:show', id, '--format=json'])).json() as {
      attempts: unknown[];
    };
    expect(attempts).toHaveLength(2);
  });

  it('asks for each message: retry, delete or skip', async () => {
    await app.fail(new OrderPlaced(3));
    const prompt = new ScriptedPrompt(true, 'skip', 'delete', 'retry');

    const { exitCode, stdout } = await app.run(['failed:retry'], prompt);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/was skipped\.[^]*was removed\.[^]*was handled\./);
    expect(app.switchboard.handled).toEqual([new OrderPlaced(3)]);
    expect(await app.failedIds()).toHaveLength(1);
  });

  it('does nothing more when a question is not answered', async () => {
    const run = await app.run(['failed:retry'], new ScriptedPrompt(true));

    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('was not answered');
    expect(await app.failedIds()).toHaveLength(2);
  });

  it('stops at a signal, after the message it handles', async () => {
    app.switchboard.onHandled = () => app.host.signal('SIGTERM');

    const { exitCode, stdout } = await app.run(['failed:retry', '--force']);

    expect(exitCode).toBe(0);
    expect(stdout.match(/was handled\.$/gm)).toHaveLength(1);
    expect(await app.failedIds()).toHaveLength(1);
  });

  it('stops at a signal, at a question', async () => {
    const prompt = new ScriptedPrompt(true, 'skip', 'retry');
    const chooseOne = prompt.chooseOne.bind(prompt);
    prompt.chooseOne = (question) => {
      const answer = chooseOne(question);
      app.host.signal('SIGTERM');
      return answer as never;
    };

    const { stdout } = await app.run(['failed:retry'], prompt);

    expect(stdout.match(/was (\w+)\.$/gm)).toEqual(['was skipped.']);
    expect(await app.failedIds()).toHaveLength(2);
  });

  it('does not guess what is meant where nobody can be asked', async () => {
    const run = await app.run(['failed:retry']);

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('name the messages to retry by their ids, or add "--force"');
  });

  it('reports a message that is not there', async () => {
    const run = await app.run(['failed:retry', '99']);

    expect(run.exitCode).toBe(1);
    expect(run.stdout).toBe('Message "99" was not found, or is in the hands of a worker.\n');
  });
});

describe('failed:remove', () => {
  it('removes what is named', async () => {
    const [first = '', second = ''] = await app.failedIds();

    const { exitCode, stdout } = await app.run(['failed:remove', first, '--force']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Message +order\.placed$[^]*^1 message\(s\) removed from "failed"\.$/m);
    expect(await app.failedIds()).toEqual([second]);
  });

  it('removes all, or all of a class', async () => {
    const [, mail = ''] = await app.failedIds();

    const ofClass = await app.run(['failed:remove', '--class-filter=MailSent', '--force', '--format=json']);
    expect(ofClass.json()).toEqual({ transport: 'failed', removed: [mail], notFound: [] });

    const all = await app.run(['failed:remove', '--all', '--force', '--show-messages']);
    expect(all.stdout).toContain('order.placed');
    expect(await app.failedIds()).toEqual([]);
  });

  it('asks before, and removes nothing unless it is told to', async () => {
    const refused = new ScriptedPrompt(true, 'no');
    const agreed = new ScriptedPrompt(true, 'yes');

    await app.run(['failed:remove', '--all'], refused);
    expect(refused.questions).toEqual(['Remove 2 message(s) from "failed" for good?']);
    expect(await app.failedIds()).toHaveLength(2);

    await app.run(['failed:remove', '--all'], agreed);
    expect(await app.failedIds()).toEqual([]);
  });

  it.each([
    [[], 'Name at least one message by its id. To remove all messages, use "--all".'],
    [['1', '--all'], 'Name messages by their ids, or use "--all"; not both.'],
    [['--all'], 'Nobody is there to confirm it: to remove messages for good, add "--force".'],
  ])('does not guess what is meant by %j', async (argv, text) => {
    expect(await app.run(['failed:remove', ...argv])).toMatchObject({ exitCode: 2, stderr: `${text}\n` });
    expect(await app.failedIds()).toHaveLength(2);
  });

  it('does not ask about a message that is not there', async () => {
    const [first = ''] = await app.failedIds();
    const nobody = new ScriptedPrompt(true);
    const agreed = new ScriptedPrompt(true, 'yes');

    const none = await app.run(['failed:remove', '99'], nobody);
    expect([none.exitCode, none.stderr]).toEqual([1, 'Not found, or in the hands of a worker: "99".\n']);
    expect(nobody.questions).toEqual([]);

    const one = await app.run(['failed:remove', first, '99', '--format=json'], agreed);
    expect(agreed.questions).toEqual(['Remove 1 message(s) from "failed" for good?']);
    expect(one.exitCode).toBe(1);
    expect(one.json()).toEqual({ transport: 'failed', removed: [first], notFound: ['99'] });
  });

  it('ends with 1 when a message is not there', async () => {
    const run = await app.run(['failed:remove', '99', '--force']);

    expect(run.exitCode).toBe(1);
    expect(run.stderr).toBe('Not found, or in the hands of a worker: "99".\n');
  });
});
