import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Middleware } from '../../../lib/middleware/middleware.js';
import { DispatchAfterCurrentBusStamp } from '../../../lib/stamp/dispatch-after-current-bus.stamp.js';
import { createCore, handler } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

class Root {}
class Note {
  constructor(readonly id: number) {}
}

const idsOf = (transport: RecordingTransport): number[] =>
  transport.sent.map(({ message }) => (message as Note).id);

describe('dispatchAll', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('inside of a handler, after the current message, sends when that has succeeded', async () => {
    const transport = new RecordingTransport();
    const core: ReturnType<typeof createCore> = createCore({
      transports: { a: transport },
      routes: [[Note, 'a']],
      handlers: [
        handler('R', Root, async () => {
          await core.bus.dispatchAll([new Note(1), new Note(2)], [new DispatchAfterCurrentBusStamp()]);
          expect(transport.sent).toEqual([]);
        }),
      ],
    });

    await core.bus.dispatch(new Root());

    expect(idsOf(transport)).toEqual([1, 2]);
  });

  it('gives up sending together where a middleware lets only one message through at a time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let last: Promise<unknown> = Promise.resolve();
    const oneAtATime: Middleware = {
      handle: (envelope, next) => {
        const before = last;
        const mine = (async () => {
          await before;
          return next(envelope);
        })();
        last = mine;
        return mine;
      },
    };
    const transport = new RecordingTransport();
    const core = createCore({
      transports: { a: transport },
      routes: [[Note, 'a']],
      buses: { command: { middleware: [oneAtATime] } },
    });

    const sent = core.bus.dispatchAll([new Note(1), new Note(2), new Note(3)]);
    await vi.advanceTimersByTimeAsync(999);
    expect(transport.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);

    expect(await sent).toHaveLength(3);
    expect(idsOf(transport)).toEqual([1, 2, 3]);
  });
});
