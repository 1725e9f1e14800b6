import { describe, expect, it } from 'vitest';
import type { MessageBus } from '../../../lib/bus/message-bus.js';
import { DelayedMessageHandlingError } from '../../../lib/errors/delayed-message-handling.error.js';
import { SendMessageToTransportsEvent } from '../../../lib/event/send-message-to-transports.event.js';
import type { Middleware } from '../../../lib/middleware/middleware.js';
import { DispatchAfterCurrentBusStamp } from '../../../lib/stamp/dispatch-after-current-bus.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { InMemoryTransport } from '../../../lib/transports/in-memory/in-memory.transport.js';
import { createCore, deferred, handler, rejectionOf } from '../../fixtures/core.js';

class Root {
  constructor(
    readonly name: string,
    readonly gate?: Promise<void>,
  ) {}
}
class FollowUp {
  constructor(readonly name: string) {}
}

const AFTER = [new DispatchAfterCurrentBusStamp()];

/** A bus whose root handler postpones a follow-up, waits for its gate, and notes what happens. */
function setup(onFollowUp: (message: FollowUp, bus: MessageBus) => unknown = () => undefined) {
  const notes: string[] = [];
  const core: ReturnType<typeof createCore> = createCore({
    buses: { command: {}, event: {} },
    handlers: [
      handler('R', Root, async ({ name, gate }: Root) => {
        notes.push(`${name} starts`);
        const postponed = await core.buses.get('event').dispatch(new FollowUp(name), AFTER);
        notes.push(`${name} goes on, ${postponed.has(HandledStamp) ? 'handled' : 'postponed'}`);
        await gate;
        notes.push(`${name} ends`);
      }),
      handler('F', FollowUp, (message: FollowUp) => {
        notes.push(`after ${message.name}`);
        return onFollowUp(message, core.bus);
      }),
    ],
  });
  return { ...core, notes };
}

describe('DispatchAfterCurrentBusStamp', () => {
  it('postpones a message until the one being handled has succeeded, across buses', async () => {
    const { bus, notes } = setup();

    await bus.dispatch(new Root('one'));

    expect(notes).toEqual(['one starts', 'one goes on, postponed', 'one ends', 'after one']);
  });

  it('has no effect outside of a handling', async () => {
    const { bus, notes } = setup();

    const envelope = await bus.dispatch(new FollowUp('x'), AFTER);

    expect(notes).toEqual(['after x']);
    expect(envelope.has(DispatchAfterCurrentBusStamp)).toBe(false);
  });

  it('drops what waits for a message that fails, and only that, with two in flight', async () => {
    const { bus, notes } = setup();
    const failing = deferred();
    const succeeding = deferred();

    const bad = rejectionOf(bus.dispatch(new Root('bad', failing.promise)));
    const good = bus.dispatch(new Root('good', succeeding.promise));
    failing.reject(new Error('Boom.'));
    await bad;
    succeeding.resolve();
    await good;

    expect(notes.filter((note) => note.startsWith('after'))).toEqual(['after good']);
  });

  it('runs the others when a postponed message fails, and tells of all failures at the end', async () => {
    const notes: string[] = [];
    const core: ReturnType<typeof createCore> = createCore({
      handlers: [
        handler('R', Root, async () => {
          for (const name of ['a', 'b', 'c']) {
            await core.bus.dispatch(new FollowUp(name), AFTER);
          }
        }),
        handler('F', FollowUp, async ({ name }: FollowUp) => {
          notes.push(name);
          if (name === 'a') {
            // What a failing message postponed is dropped with it.
            await core.bus.dispatch(new FollowUp('never'), AFTER);
            throw new Error('No a.');
          }
          if (name === 'b') {
            await core.bus.dispatch(new FollowUp('after b'), AFTER);
          }
        }),
      ],
    });

    const error = (await rejectionOf(core.bus.dispatch(new Root('r')))) as DelayedMessageHandlingError;

    expect(notes).toEqual(['a', 'b', 'c', 'after b']);
    expect(error).toBeInstanceOf(DelayedMessageHandlingError);
    expect(error.errors).toHaveLength(1);
    expect(error.message).toContain('No a.');
  });

  it('does not postpone for a message that has ended, in a promise nobody awaited', async () => {
    const late = deferred();
    const done = deferred();
    const notes: string[] = [];
    const core: ReturnType<typeof createCore> = createCore({
      handlers: [
        handler('R', Root, () => {
          late.promise
            .then(() => core.bus.dispatch(new FollowUp('late'), AFTER))
            .then(() => done.resolve(), done.reject);
        }),
        handler('F', FollowUp, ({ name }: FollowUp) => void notes.push(name)),
      ],
    });

    await core.bus.dispatch(new Root('r'));
    late.resolve();
    await done.promise;

    expect(notes).toEqual(['late']);
  });

  describe('while a message is on its way to a transport', () => {
    /** A bus that sends root messages away; what it does on the way is up to the test. */
    function sendingSetup(middleware: readonly Middleware[] = []) {
      const notes: string[] = [];
      const core: ReturnType<typeof createCore> = createCore({
        buses: { command: { middleware } },
        transports: { async: new InMemoryTransport() },
        routes: [[Root, 'async']],
        handlers: [
          handler('R', Root, async ({ name }: Root) => {
            await core.bus.dispatch(new FollowUp(name), AFTER);
            notes.push(`${name} ends`);
          }),
          handler('F', FollowUp, ({ name }: FollowUp) => void notes.push(`after ${name}`)),
        ],
      });
      return { ...core, notes };
    }

    it('postpones what a middleware dispatches until the message is stored', async () => {
      const { bus, notes }: ReturnType<typeof sendingSetup> = sendingSetup([
        {
          handle: async (envelope, next) => {
            const { message } = envelope;
            if (message instanceof Root) {
              await bus.dispatch(new FollowUp(message.name), AFTER);
            }
            const sent = await next(envelope);
            notes.push(`${envelope.message.constructor.name} went through`);
            return sent;
          },
        },
      ]);

      await bus.dispatch(new Root('one'));

      expect(notes).toEqual(['Root went through', 'after one', 'FollowUp went through']);
    });

    it('postpones what a listener dispatches until the message is stored', async () => {
      const { bus, events, notes } = sendingSetup();
      events.on(SendMessageToTransportsEvent, async () => {
        await bus.dispatch(new FollowUp('one'), AFTER);
        notes.push('sending');
      });

      await bus.dispatch(new Root('one'));

      expect(notes).toEqual(['sending', 'after one']);
    });

    it('postpones what is dispatched by the handler of a message that was received from there', async () => {
      const { bus, notes } = sendingSetup();

      await bus.dispatch(new Root('one'), [new ReceivedStamp('async')]);

      expect(notes).toEqual(['one ends', 'after one']);
    });
  });
});
