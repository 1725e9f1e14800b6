import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../lib/console/command.js';
import { statsCommand } from '../../../lib/console/commands/stats.command.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { FakeClock } from '../../../lib/testing/fake-clock.js';
import type { MessageCountAware } from '../../../lib/transport/capabilities.js';
import { Outboxes } from '../../../lib/transport/outboxes.js';
import type { Transport } from '../../../lib/transport/transport.js';
import { TransportRegistry } from '../../../lib/transport/transport-registry.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { ConsoleApp, MailSent, OrderPlaced } from './support/console-app.js';
import { MemoryOutput } from './support/memory-output.js';
import { ScriptedPrompt } from './support/scripted-prompt.js';

/** A transport that does nothing. */
const NOTHING: Transport = {
  send: async (envelopes) => envelopes,
  get: async () => [],
  ack: async () => ({ lost: [] }),
  reject: async () => ({ lost: [] }),
};

let app: ConsoleApp;

beforeEach(() => {
  app = new ConsoleApp();
});

afterEach(() => app.delete());

describe('stats', () => {
  it('tells how long the oldest message has been ready, if it can be told', async () => {
    const clock = new FakeClock();
    const slow = new InMemoryTransport({ clock });
    await slow.send([new Envelope<object>(new OrderPlaced(1))]);
    await clock.advance(125_000);
    const blind: Transport & MessageCountAware = {
      ...NOTHING,
      messageCount: async () => ({ ready: 3 }),
    };
    const empty = new InMemoryTransport({ clock });
    const transports = new TransportRegistry(new Map(Object.entries({ slow, blind, empty })));
    const run = async (format: string): Promise<string> => {
      const output = new MemoryOutput();
      const messenger = { transports, outboxes: new Outboxes() };
      await statsCommand.run({ args: [], format, messenger, output } as unknown as CommandContext);
      return output.stdout;
    };

    expect(await run('text')).toBe(
      'Transport  Ready  In flight  Delayed  Oldest\n' +
        'slow       1      0          0        2 min 5 s\n' +
        'blind      3      ?          ?        ?\n' +
        'empty      0      0          0        -\n',
    );
    expect(JSON.parse(await run('json'))).toMatchObject({
      transports: { slow: { oldestAge: 125_000 }, blind: { oldestAge: null }, empty: { oldestAge: 0 } },
    });
  });

  it('tells when messages in flight come back, if there are any', async () => {
    const async = new InMemoryTransport();
    await async.send([new Envelope<object>(new OrderPlaced(1))]);
    const shown = async (): Promise<string> => {
      const output = new MemoryOutput();
      const messenger = {
        transports: new TransportRegistry(new Map([['async', async]])),
        outboxes: new Outboxes(),
      };
      await statsCommand.run({ args: [], format: 'text', messenger, output } as unknown as CommandContext);
      return output.stdout;
    };

    expect(await shown()).not.toContain('lease');
    await async.get();
    expect(await shown()).toContain('Those of a worker that was killed return when their lease ends.\n');
  });

  it('counts messages by their state', async () => {
    await app.dispatch([new OrderPlaced(1), new OrderPlaced(2)]);
    await app.dispatch([new OrderPlaced(3)], [new DelayStamp(60_000)]);

    const { exitCode, stdout } = await app.run(['stats', 'async', 'sync']);

    expect(stdout).toEqual(
      expect.stringMatching(
        /^Transport  Ready  In flight  Delayed  Oldest\nasync      2      0          1        \d\S* (s|min)\nCannot count: "sync".\n$/,
      ),
    );
    expect(exitCode).toBe(0);
  });

  it('does so in JSON', async () => {
    await app.dispatch([new OrderPlaced(1)], [new DelayStamp(60_000)]);

    expect((await app.run(['stats', '--format=json'])).json()).toEqual({
      transports: {
        async: { ready: 0, inFlight: 0, delayed: 1, oldestAge: 0 },
        failed: { ready: 0, inFlight: 0, delayed: 0, oldestAge: 0 },
        memory: { ready: 0, inFlight: 0, delayed: 0, oldestAge: 0 },
      },
      uncountable_transports: ['sync'],
    });
  });

  it('refuses a transport that does not exist', async () => {
    expect(await app.run(['stats', 'asinc'])).toMatchObject({
      exitCode: 2,
      stderr:
        'The transport "asinc" does not exist. Did you mean "async"? ' +
        'Known transports: "async", "failed", "memory", "sync".\n',
    });
  });
});

describe('setup-transports', () => {
  it('sets up all of them, and says which needed nothing', async () => {
    const { exitCode, stdout } = await app.run(['setup-transports']);

    expect(stdout).toContain('Transport "async": ready.\n');
    expect(stdout).toContain('Transport "sync": nothing to set up.\n');
    expect(exitCode).toBe(0);
  });

  it('sets up one of them', async () => {
    expect((await app.run(['setup-transports', 'failed', '--format=json'])).json()).toEqual({
      transports: [{ name: 'failed', status: 'ready' }],
    });
  });
});

describe('setup-transports --sql', () => {
  it('prints the statements of those that have some, once for a table, and names the others', async () => {
    const { exitCode, stdout, stderr } = await app.run(['setup-transports', '--sql']);

    expect(stdout).toMatch(/^-- Transports "async", "failed"\nCREATE TABLE /);
    expect(stdout.match(/CREATE TABLE (IF NOT EXISTS )?"messenger_messages" /g)).toHaveLength(1);
    expect(stdout).toMatch(/;\n$/);
    expect(stderr).toBe('No SQL sets up "memory", "sync".\n');
    expect(exitCode).toBe(0);
  });

  it('does so in JSON', async () => {
    const { json } = await app.run(['setup-transports', '--sql', '--format=json']);

    expect(json()).toEqual({
      scripts: [
        { transports: ['async', 'failed'], statements: expect.arrayContaining([expect.any(String)]) },
      ],
      transports_without_script: ['memory', 'sync'],
      failures: [],
    });
  });

  it('changes nothing', async () => {
    await app.run(['setup-transports', 'async', '--sql']);

    expect(app.hasFile).toBe(false);
  });

  it('fails if there is nothing to print', async () => {
    expect(await app.run(['setup-transports', 'sync', '--sql'])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: 'No SQL sets up "sync".\n',
    });
  });
});

describe('stop-workers', () => {
  it('says when it asked them', async () => {
    const before = Date.now();

    const { exitCode, json } = await app.run(['stop-workers', '--format=json']);

    const { requestedAt } = json() as { requestedAt: string };
    expect(Date.parse(requestedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(requestedAt)).toBeLessThanOrEqual(Date.now());
    expect(exitCode).toBe(0);
  });
});

describe('debug', () => {
  it('shows handlers with their conditions, routes, and transports', async () => {
    const { exitCode, stdout } = await app.run(['debug']);

    expect(stdout).toContain('Bus "command" (default)\n');
    expect(stdout).toMatch(/^order\.placed +Orders\.handle +from transport "async", priority 5$/m);
    expect(stdout).toMatch(/^MailSent +Orders\.handle$/m);
    expect(stdout.match(/Orders\.archive +on bus "event"$/gm)).toHaveLength(1);
    expect(stdout).toMatch(/^order\.placed +async$/m);
    expect(stdout).toMatch(/^async +sqlite:\S+messenger\.db +none +failed$/m);
    expect(stdout).toMatch(/^memory +in-memory:\/\/ +3 after 1000 ms × 2, ±10 % +failed$/m);
    expect(exitCode).toBe(0);
  });

  it('does so in JSON, for one bus if it is named', async () => {
    const description = (await app.run(['debug', 'event', '--format=json'])).json();

    expect(description).toMatchObject({
      defaultBus: 'command',
      buses: {
        event: { 'order.placed': [{ name: 'Orders.handle', priority: 5, fromTransport: 'async' }] },
      },
      transports: {
        async: { retry: { maxRetries: 0 }, failureTransport: 'failed', isSync: false },
        failed: { failureTransport: null },
        sync: { retry: null, isSync: true },
      },
    });
    const { buses, routing } = description as { buses: object; routing: object };
    expect(Object.keys(buses)).toEqual(['event']);
    expect(routing).toEqual({ 'order.placed': ['async'], MailSent: ['async'] });
  });
});

describe('debug --message', () => {
  it('shows one message, by the name of its class too, with the transports it may be in', async () => {
    const described = (await app.run(['debug', '--message=OrderPlaced', '--format=json'])).json() as {
      readonly routing: object;
      readonly transports: object;
    };

    expect(described).toMatchObject({
      buses: { command: { 'order.placed': [{ name: 'Orders.handle' }] } },
      routing: { 'order.placed': ['async'] },
    });
    expect(Object.keys(described.routing)).toEqual(['order.placed']);
    expect(Object.keys(described.transports)).toEqual(['async', 'failed']);
    expect((await app.run(['debug', 'event', '--message=MailSent'])).stdout).not.toContain('order.placed');
  });

  it('refuses one that is not known', async () => {
    expect(await app.run(['debug', '--message=order.placd'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(
        'The message "order.placd" does not exist. Did you mean "order.placed"?',
      ) as string,
    });
  });
});

describe('show', () => {
  beforeEach(() => app.dispatch([new OrderPlaced(1), new MailSent('ada'), new OrderPlaced(2)]));

  it('lists what waits, and takes nothing', async () => {
    const { exitCode, stdout } = await app.run(['show', 'async']);

    expect(stdout).toMatch(
      /^Id +Message +Bus +Retries\n1 +order\.placed +command +0\n2 +MailSent .*\n3 +order\.placed .*\n3 message\(s\) in "async"\.\n$/,
    );
    expect(exitCode).toBe(0);
    expect((await app.run(['stats', 'async', '--format=json'])).json()).toMatchObject({
      transports: { async: { ready: 3, inFlight: 0 } },
    });
  });

  it.each([
    [['--class-filter=OrderPlaced'], ['1', '3'], false],
    [['--class-filter=order.*'], ['1', '3'], false],
    [['--class-filter=OrderPlaced', '--max=1'], ['1'], true],
    [['--class-filter=MailSent', '--max=1'], ['2'], false],
  ])('filters by class before it counts: %j', async (options, ids, hasMore) => {
    const shown = (await app.run(['show', 'async', '--format=json', ...options])).json();

    expect(shown).toMatchObject({ messages: ids.map((id) => ({ id })), hasMore });
  });

  it('shows one in full, and of several the content only if asked', async () => {
    expect((await app.run(['show', 'async', '2'])).stdout).toMatch(/^Content +MailSent \{ to: 'ada' \}$/m);
    expect((await app.run(['show', 'async', '--format=json'])).stdout).not.toContain('ada');
    expect((await app.run(['show', 'async', '--format=json', '-v'])).stdout).toContain('ada');
    expect((await app.run(['show', 'async', '2', '--format=json'])).json()).toMatchObject({
      id: '2',
      message: 'MailSent',
      content: { to: 'ada' },
    });
  });

  it('counts the messages of each class', async () => {
    expect((await app.run(['show', 'async', '--stats'])).stdout).toBe(
      'Message       Count\norder.placed  2\nMailSent      1\n',
    );
    expect(
      (await app.run(['show', 'async', '--stats', '--class-filter=MailSent', '--format=json'])).json(),
    ).toEqual({
      transport: 'async',
      stats: { MailSent: 1 },
    });
    expect((await app.run(['show', 'failed', '--stats'])).stdout).toBe('No messages in "failed".\n');
  });

  it('takes an id or a filter, not both', async () => {
    expect(await app.run(['show', 'async', '1', '--class-filter=MailSent'])).toMatchObject({
      exitCode: 2,
      stderr: 'Name a message by its id, or choose by "--class-filter"; not both.\n',
    });
  });

  it('fails for a message that is not there, and for a transport that cannot list', async () => {
    expect(await app.run(['show', 'async', '99'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('(MESSENGER_MESSAGE_NOT_FOUND)') as string,
    });
    expect(await app.run(['show', 'sync'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Transports that can: "async", "failed", "memory".') as string,
    });
  });

  it('asks for the transport if there is somebody to ask', async () => {
    const prompt = new ScriptedPrompt(true, 'async');

    expect((await app.run(['show'], prompt)).stdout).toContain('3 message(s) in "async".');
    expect((await app.run(['show'])).stderr).toBe('Name a transport: "async", "failed", "memory".\n');
  });
});
