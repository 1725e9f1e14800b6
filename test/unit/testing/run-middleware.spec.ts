import { describe, expect, it } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { InvalidMiddlewareResultError } from '../../../lib/errors/invalid-middleware-result.error.js';
import { NextCalledTwiceError } from '../../../lib/errors/next-called-twice.error.js';
import type { Middleware, Next } from '../../../lib/middleware/middleware.js';
import { BusNameStamp } from '../../../lib/stamp/bus-name.stamp.js';
import { HandledStamp } from '../../../lib/stamp/handled.stamp.js';
import { runMiddleware } from '../../../lib/testing/run-middleware.js';

class Note {
  constructor(readonly text: string) {}
}

const middleware = (handle: Middleware['handle']): Middleware => ({ handle });

describe('runMiddleware', () => {
  it('tells what was passed on and what was returned', async () => {
    const labelling = middleware(async (envelope, next) => {
      const result = await next(envelope.with(new BusNameStamp('command')));
      return result.with(new HandledStamp(1, 'handler'));
    });
    const { envelope, nextCalledWith } = await runMiddleware(labelling, new Note('a'));
    expect(nextCalledWith?.message.text).toBe('a');
    expect(nextCalledWith?.all()).toEqual([new BusNameStamp('command')]);
    expect(envelope.all()).toEqual([new BusNameStamp('command'), new HandledStamp(1, 'handler')]);
  });

  it('takes an envelope as well as a message', async () => {
    const sent = new Envelope(new Note('a'), [new BusNameStamp('command')]);
    const { envelope, nextCalledWith } = await runMiddleware(
      middleware((received, next) => next(received)),
      sent,
    );
    expect([envelope, nextCalledWith]).toEqual([sent, sent]);
  });

  it('tells when the chain was ended', async () => {
    const { nextCalledWith } = await runMiddleware(
      middleware((envelope) => Promise.resolve(envelope)),
      new Note('a'),
    );
    expect(nextCalledWith).toBeUndefined();
  });

  it('lets the rest of the chain be played', async () => {
    const rest: Next = () => Promise.reject(new RangeError('no handler'));
    const swallowing = middleware((envelope, next) => next(envelope).catch(() => envelope));
    const { envelope, nextCalledWith } = await runMiddleware(swallowing, new Note('a'), rest);
    expect(envelope).toBe(nextCalledWith);
  });

  it('makes the checks that a bus makes', async () => {
    const twice = middleware(async (envelope, next) => {
      await next(envelope);
      return next(envelope);
    });
    await expect(runMiddleware(twice, new Note('a'))).rejects.toThrow(NextCalledTwiceError);
    const forgetful = middleware(() => Promise.resolve(undefined as unknown as Envelope));
    await expect(runMiddleware(forgetful, new Note('a'))).rejects.toThrow(InvalidMiddlewareResultError);
  });
});
