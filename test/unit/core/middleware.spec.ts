import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../lib/envelope/stamp.js';
import { DeliveryLimitError } from '../../../lib/errors/delivery-limit.error.js';
import { compose } from '../../../lib/middleware/compose.js';
import type { Middleware } from '../../../lib/middleware/middleware.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { RedeliveredStamp } from '../../../lib/stamp/redelivered.stamp.js';
import { SentToFailureTransportStamp } from '../../../lib/stamp/sent-to-failure-transport.stamp.js';
import { createCore, handler, rejectionOf } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

class Ping {}

/** A middleware that writes down when an envelope comes in and goes out. */
class Noting implements Middleware {
  constructor(
    private readonly name: string,
    private readonly notes: string[],
  ) {}

  async handle(envelope: Envelope, next: (envelope: Envelope) => Promise<Envelope>): Promise<Envelope> {
    this.notes.push(`${this.name} in`);
    const result = await next(envelope);
    this.notes.push(`${this.name} out`);
    return result;
  }
}

class CallsTwice implements Middleware {
  async handle(envelope: Envelope, next: (envelope: Envelope) => Promise<Envelope>): Promise<Envelope> {
    await next(envelope);
    return next(envelope);
  }
}

class ForgetsReturn implements Middleware {
  handle(envelope: Envelope, next: (envelope: Envelope) => Promise<Envelope>): Promise<Envelope> {
    void next(envelope);
    return Promise.resolve(undefined as unknown as Envelope);
  }
}

describe('the chain of a bus', () => {
  it('runs the middleware in order around the handler', async () => {
    const notes: string[] = [];
    const { bus } = createCore({
      buses: { command: { middleware: [new Noting('a', notes), new Noting('b', notes)] } },
      handlers: [handler('H', Ping, () => void notes.push('handler'))],
    });

    await bus.dispatch(new Ping());

    expect(notes).toEqual(['a in', 'b in', 'handler', 'b out', 'a out']);
  });

  it('returns the envelope unchanged when it is empty', async () => {
    const envelope = new Envelope(new Ping());

    expect(await compose([])(envelope)).toBe(envelope);
  });

  it('refuses a middleware that calls next twice', async () => {
    let calls = 0;
    const { bus } = createCore({
      buses: { command: { middleware: [new CallsTwice()] } },
      handlers: [handler('H', Ping, () => void calls++)],
    });

    expect((await rejectionOf(bus.dispatch(new Ping()))).message).toBe(
      'Middleware "CallsTwice" called next() twice. Call it once, or not at all to stop the chain.',
    );
    expect(calls).toBe(1);
  });

  it('refuses a middleware that returns no envelope', async () => {
    const { bus } = createCore({
      buses: { command: { middleware: [new ForgetsReturn()] } },
      handlers: [handler('H', Ping, () => undefined)],
    });

    expect((await rejectionOf(bus.dispatch(new Ping()))).message).toBe(
      'Middleware "ForgetsReturn" returned no envelope. Write "return next(envelope)".',
    );
  });
});

describe('the default chain', () => {
  it('adds the stamps a message brings itself, unless they are there already, and not again on reception', async () => {
    class Later {
      getDefaultStamps(): Stamp[] {
        return [new DelayStamp(500)];
      }
    }
    const transport = new RecordingTransport();
    const { bus } = createCore({
      transports: { a: transport },
      routes: [[Later, 'a']],
      handlers: [handler('H', Later, () => undefined)],
    });

    await bus.dispatch(new Later());
    await bus.dispatch(new Later(), [new DelayStamp(9)]);
    const received = await bus.dispatch(new Later(), [new ReceivedStamp('a')]);

    expect(transport.sent.map((envelope) => envelope.all(DelayStamp).map(({ delay }) => delay))).toEqual([
      [500],
      [9],
    ]);
    expect(received.has(DelayStamp)).toBe(false);
  });

  it('keeps the bus name a message came with', async () => {
    const { bus } = createCore({ handlers: [handler('H', Ping, () => undefined)] });

    const envelope = await bus.dispatch(new Ping(), [new BusNameStamp('other')]);

    expect(envelope.all(BusNameStamp)).toEqual([new BusNameStamp('other')]);
  });

  it('does not handle a message that was delivered too often without being settled', async () => {
    const { bus } = createCore({ maxDeliveries: 3, handlers: [handler('H', Ping, () => undefined)] });

    await bus.dispatch(new Ping(), [new RedeliveredStamp(3)]);
    const error = await rejectionOf(bus.dispatch(new Ping(), [new RedeliveredStamp(4)]));

    expect(error).toBeInstanceOf(DeliveryLimitError);
    expect(error.message).toContain(
      'delivered 4 times and never settled, more than "maxDeliveries" (3) allows',
    );
  });

  it('lets a message from the failure transport reach the handlers of the transport it failed on', async () => {
    const called: string[] = [];
    const { bus } = createCore({
      handlers: [handler('S', Ping, () => void called.push('S'), { fromTransport: 'stock' })],
      policies: { stock: { failureTransport: 'failed' } },
    });

    await bus.dispatch(new Ping(), [new SentToFailureTransportStamp('stock'), new ReceivedStamp('failed')]);

    expect(called).toEqual(['S']);
  });

  it('does not take a message for one from another transport because of a stamp that anybody can write', async () => {
    const called: string[] = [];
    const { bus } = createCore({
      handlers: [handler('S', Ping, () => void called.push('S'), { fromTransport: 'stock' })],
      policies: { stock: { failureTransport: 'failed' } },
    });
    const stamps = [new SentToFailureTransportStamp('stock'), new ReceivedStamp('public')];

    expect((await rejectionOf(bus.dispatch(new Ping(), stamps))).message).toContain('No handler');
    expect(called).toEqual([]);
  });
});

describe('several buses', () => {
  it('keep their handlers apart, and the routable bus finds the one a message names', async () => {
    const called: string[] = [];
    const { buses, routable } = createCore({
      buses: { command: {}, event: { allowNoHandlers: true } },
      handlers: [
        handler('C', Ping, () => void called.push('command'), { bus: 'command' }),
        handler('E', Ping, () => void called.push('event'), { bus: 'event' }),
        handler('Both', Ping, () => void called.push('both')),
      ],
    });

    await buses.get('event').dispatch(new Ping());
    await routable.dispatch(new Ping(), [new BusNameStamp('command')]);
    await routable.dispatch(new Ping());

    expect(called).toEqual(['event', 'both', 'command', 'both', 'command', 'both']);
    expect((await rejectionOf(routable.dispatch(new Ping(), [new BusNameStamp('audit')]))).message).toBe(
      'Unknown bus "audit". Known buses: "command", "event".',
    );
  });
});
