import { describe, expect, it } from 'vitest';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { DispatchAllAbortedError } from '../../../lib/errors/dispatch-all-aborted.error.js';
import { PartiallySentError } from '../../../lib/errors/partially-sent.error.js';
import { UnknownTransportError } from '../../../lib/errors/unknown-transport.error.js';
import { MessageSentToTransportsEvent } from '../../../lib/event/message-sent-to-transports.event.js';
import { SendMessageToTransportsEvent } from '../../../lib/event/send-message-to-transports.event.js';
import type { Middleware } from '../../../lib/middleware/middleware.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { MessageIdStamp } from '../../../lib/stamp/message-id.stamp.js';
import { ReceivedStamp } from '../../../lib/stamp/received.stamp.js';
import { SentStamp } from '../../../lib/stamp/sent.stamp.js';
import { TransportMessageIdStamp } from '../../../lib/stamp/transport-message-id.stamp.js';
import { TransportNamesStamp } from '../../../lib/stamp/transport-names.stamp.js';
import { createCore, handler, rejectionOf } from '../../fixtures/core.js';
import { RecordingTransport } from '../../fixtures/recording-transport.js';

abstract class Notification {}
class SmsNotification extends Notification {
  constructor(readonly text = 'hi') {
    super();
  }
}
@AsMessage({ name: 'billing.paid', transport: ['attribute'] })
class Paid {}
class Local {}

function setup(
  routes: Parameters<typeof createCore>[0] extends infer S
    ? S extends { routes?: infer R }
      ? R
      : never
    : never,
) {
  const names = ['a', 'b', 'pattern', 'star', 'attribute'];
  const transports = Object.fromEntries(names.map((name) => [name, new RecordingTransport()]));
  const core = createCore({
    routes: routes ?? [],
    transports,
    handlers: [handler('L', Local, () => 'local')],
  });
  const receivers = () => names.filter((name) => (transports[name]?.sent.length ?? 0) > 0);
  return { ...core, sentTo: transports, receivers };
}

describe('routing', () => {
  it('adds up the routes of a class and its ancestors, without repetition', async () => {
    const { bus, receivers } = setup([
      [Notification, ['b', 'a']],
      [SmsNotification, 'a'],
      ['*', 'star'],
    ]);

    await bus.dispatch(new SmsNotification());

    expect(receivers()).toEqual(['a', 'b']);
  });

  it('uses patterns only if nothing matched exactly, and then the most specific one alone', async () => {
    const { bus, receivers } = setup([
      ['*', 'star'],
      ['billing.*', 'pattern'],
    ]);

    await bus.dispatch(new Paid());
    expect(receivers()).toEqual(['pattern']);

    await bus.dispatch(new SmsNotification());
    expect(receivers()).toEqual(['pattern', 'star']);
  });

  it('falls back to @AsMessage when no route matches', async () => {
    const { bus, receivers } = setup([[SmsNotification, 'a']]);

    await bus.dispatch(new Paid());

    expect(receivers()).toEqual(['attribute']);
  });

  it('obeys a TransportNamesStamp alone; an empty one means: handle it here', async () => {
    const { bus, receivers } = setup([[Local, 'a']]);

    await bus.dispatch(new Local(), [new TransportNamesStamp('b')]);
    const handled = await bus.dispatch(new Local(), [new TransportNamesStamp([])]);

    expect(receivers()).toEqual(['b']);
    expect(handled.last(HandledStamp)?.result).toBe('local');
  });

  it('handles a message without a route, and refuses it where the bus says so', async () => {
    const strict = createCore({ buses: { remote: { allowNoSenders: false } } });

    expect((await setup([]).bus.dispatch(new Local())).last(HandledStamp)?.result).toBe('local');
    expect((await rejectionOf(strict.bus.dispatch(new Local()))).message).toBe(
      'No transport for message "Local" on bus "remote". Add a route, decorate the class with ' +
        '@AsMessage({ transport }), or set "allowNoSenders" on the bus.',
    );
  });
});

describe('sending', () => {
  it('stamps what it sends: bus, id, transport; and answers with the id the transport gave', async () => {
    const { bus, sentTo } = setup([[SmsNotification, ['a', 'b']]]);

    const envelope = await bus.dispatch(new SmsNotification());

    const [atA] = sentTo['a']?.sent ?? [];
    const [atB] = sentTo['b']?.sent ?? [];
    expect(atA?.last(BusNameStamp)?.busName).toBe('command');
    expect(atA?.last(SentStamp)?.transportName).toBe('a');
    expect(atA?.last(MessageIdStamp)?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(atB?.last(MessageIdStamp)).toEqual(atA?.last(MessageIdStamp));
    expect(envelope.last(TransportMessageIdStamp)?.id).toBe('1');
    expect(envelope.all(HandledStamp)).toEqual([]);
  });

  it('does not send again what a worker received', async () => {
    const { bus, receivers } = setup([[Local, 'a']]);

    const envelope = await bus.dispatch(new Local(), [new ReceivedStamp('a')]);

    expect(receivers()).toEqual([]);
    expect(envelope.last(HandledStamp)?.result).toBe('local');
  });

  it('sends nothing if one of the transports does not exist', async () => {
    const { bus, receivers } = setup([[Local, ['a', 'nowhere']]]);

    const error = await rejectionOf(bus.dispatch(new Local()));

    expect(error).toBeInstanceOf(UnknownTransportError);
    expect(error.message).toBe(
      'Unknown transport "nowhere". Known transports: "a", "b", "pattern", "star", "attribute".',
    );
    expect(receivers()).toEqual([]);
  });

  it('says which transports have the message when a later one refused it', async () => {
    const full = new Error('Disk full.');
    const core = createCore({
      transports: { a: new RecordingTransport(), b: new RecordingTransport(() => full) },
      routes: [[Local, ['a', 'b']]],
    });

    const error = (await rejectionOf(core.bus.dispatch(new Local()))) as PartiallySentError;

    expect(error).toBeInstanceOf(PartiallySentError);
    expect(error.sentTo).toEqual(['a']);
    expect(error.failedTransport).toBe('b');
    expect(error.cause).toBe(full);
  });

  it('lets listeners replace the envelope before, and tells them after', async () => {
    const { bus, events, sentTo } = setup([[SmsNotification, 'a']]);
    const seen: unknown[] = [];
    events.on(SendMessageToTransportsEvent, (event) => {
      event.envelope = event.envelope.with(new BusNameStamp('other'));
    });
    events.on(MessageSentToTransportsEvent, ({ transportNames }) => void seen.push(transportNames));

    await bus.dispatch(new SmsNotification());

    expect(sentTo['a']?.sent[0]?.last(BusNameStamp)?.busName).toBe('other');
    expect(seen).toEqual([['a']]);
  });
});

describe('dispatchAll', () => {
  it('makes one call for each transport, in the order of the messages', async () => {
    const { bus, sentTo } = setup([[SmsNotification, 'a']]);
    const messages = ['1', '2', '3'].map((text) => new SmsNotification(text));

    const envelopes = await bus.dispatchAll(messages);

    expect(sentTo['a']?.calls.map((call) => call.map(({ message }) => message))).toEqual([messages]);
    expect(envelopes.map((envelope) => envelope.last(TransportMessageIdStamp)?.id)).toEqual(['1', '2', '3']);
  });

  it('keeps the order even if a middleware takes longer for an earlier message', async () => {
    const slowFirst: Middleware = {
      handle: async (envelope, next) => {
        const { text } = envelope.message as SmsNotification;
        for (let turn = 0; turn < 10 - Number(text); turn++) {
          await Promise.resolve();
        }
        return next(envelope);
      },
    };
    const transport = new RecordingTransport();
    const { bus } = createCore({
      transports: { a: transport },
      routes: [[SmsNotification, 'a']],
      buses: { command: { middleware: [slowFirst] } },
    });

    await bus.dispatchAll(['1', '2', '3'].map((text) => new SmsNotification(text)));

    expect(transport.sent.map(({ message }) => (message as SmsNotification).text)).toEqual(['1', '2', '3']);
    expect(transport.calls).toHaveLength(1);
  });

  it('mixes messages that are sent with messages that are handled', async () => {
    const { bus, receivers } = setup([[SmsNotification, 'a']]);

    const [sent, handled] = await bus.dispatchAll<object>([new SmsNotification(), new Local()]);

    expect(sent?.has(SentStamp)).toBe(true);
    expect(handled?.last(HandledStamp)?.result).toBe('local');
    expect(receivers()).toEqual(['a']);
  });

  it('sends none if one message fails before, and rejects with its error', async () => {
    const invalid = new Error('Not valid.');
    const validate: Middleware = {
      handle: (envelope, next) =>
        (envelope.message as SmsNotification).text === 'bad' ? Promise.reject(invalid) : next(envelope),
    };
    const transport = new RecordingTransport();
    const { bus } = createCore({
      transports: { a: transport },
      routes: [[SmsNotification, 'a']],
      buses: { command: { middleware: [validate] } },
    });

    const error = await rejectionOf(bus.dispatchAll([new SmsNotification(), new SmsNotification('bad')]));

    expect(error).toBe(invalid);
    expect(error).not.toBeInstanceOf(DispatchAllAbortedError);
    expect(transport.sent).toEqual([]);
  });

  it('resolves with nothing for no messages', async () => {
    expect(await createCore().bus.dispatchAll([])).toEqual([]);
  });
});
