import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../../lib/console/explanation.js';
import { MIDDLEWARE_MEANINGS } from '../../../lib/console/middleware-meanings.js';
import { ConsoleApp } from './support/console-app.js';

let app: ConsoleApp;

beforeAll(() => {
  app = new ConsoleApp();
});

afterAll(() => app.delete());

const explained = async (...args: readonly string[]): Promise<Explanation> =>
  (await app.run(['explain', ...args, '--format=json'])).json() as Explanation;

describe('explain', () => {
  it('tells the life of a message in words', async () => {
    const { exitCode, stdout } = await app.run(['explain', 'order.placed']);

    expect(stdout).toMatch(/^order\.placed \(class OrderPlaced\)\n\nDispatched on bus "command", /);
    expect(stdout).toMatch(/^ {2}1\. AddDefaultStampsMiddleware +adds /m);
    expect(stdout).toMatch(
      /^Sent to "async" \(sqlite:\S+messenger\.db\)\. A worker runs the same middleware, then:$/m,
    );
    expect(stdout).toMatch(/^ {2}1\. Orders\.handle {2}from transport "async", priority 5$/m);
    expect(stdout).toMatch(/^If it fails: not tried again: at once "failed"\.$/m);
    expect(stdout).toContain(
      '  - dispatch resolves when "async" has stored it, and rejects when it could not.\n',
    );
    expect(stdout).toMatch(
      /^ {2}- At least once: .*, about 1 min after its last sign of life at the latest\.$/m,
    );
    expect(stdout).toContain('has to bear that: "Orders.handle".');
    expect(stdout).toContain('A retry, and the move to "failed", is one atomic step');
    expect(exitCode).toBe(0);
  });

  it('does so in JSON, and says what each middleware of its own is for', async () => {
    const { middleware, transports, ...rest } = await explained('order.placed');

    expect(rest).toEqual({
      message: 'order.placed',
      class: 'OrderPlaced',
      bus: 'command',
      allowNoHandlers: false,
      otherBuses: ['event'],
      atOnce: null,
    });
    expect(middleware.map(({ name }) => name)).toEqual(Object.keys(MIDDLEWARE_MEANINGS));
    expect(middleware.map(({ meaning }) => meaning)).toEqual(Object.values(MIDDLEWARE_MEANINGS));
    expect(transports).toMatchObject([
      {
        name: 'async',
        outbox: null,
        handlers: [{ name: 'Orders.handle', priority: 5, fromTransport: 'async' }],
        retry: { retries: 0, after: [] },
        failureTransport: 'failed',
      },
    ]);
  });

  it('takes the bus that has handlers, or the one that is named, and the class for the message', async () => {
    expect(await explained('MailSent')).toMatchObject({ bus: 'command', otherBuses: ['event'] });
    const event = await explained('OrderPlaced', '--bus=event');

    expect(event).toMatchObject({ message: 'order.placed', bus: 'event', allowNoHandlers: true });
    expect((await app.run(['explain', 'MailSent', '-b', 'event'])).stdout).toContain(
      '  1. Orders.handle\n  2. Orders.archive  on bus "event"\nIf it fails: ',
    );
  });

  it('connects to nothing', () => {
    expect(app.hasFile).toBe(false);
  });

  it('refuses a message and a bus that do not exist', async () => {
    expect(await app.run(['explain', 'order.plced'])).toMatchObject({
      exitCode: 2,
      stderr:
        'The message "order.plced" does not exist. Did you mean "order.placed"? Known messages: "MailSent", "order.placed".\n',
    });
    expect(await app.run(['explain', 'MailSent', '--bus=evnt'])).toMatchObject({
      exitCode: 2,
      stderr: 'The bus "evnt" does not exist. Did you mean "event"? Known buses: "command", "event".\n',
    });
  });
});
