import type { Envelope } from '../envelope/envelope.js';
import { InvalidMiddlewareResultError } from '../errors/invalid-middleware-result.error.js';
import { NextCalledTwiceError } from '../errors/next-called-twice.error.js';
import type { Middleware, Next } from './middleware.js';

/** One step of a chain. `isTrusted` marks our own middleware, which needs none of the checks made on foreign ones. */
export interface ChainLink {
  readonly middleware: Middleware;
  readonly isTrusted: boolean;
}

/**
 * Builds a chain out of middleware, once for each bus. What it returns keeps nothing of the messages that go through it.
 *
 * A foreign middleware is checked: that it calls `next` at most once, and that it returns an envelope. Both mistakes are
 * easy to make (a retry loop, a forgotten `return`) and hard to find.
 */
export function compose(links: readonly ChainLink[]): Next {
  const end: Next = (envelope) => Promise.resolve(envelope);
  return links.reduceRight<Next>(
    (next, { middleware, isTrusted }) =>
      isTrusted
        ? (envelope) => middleware.handle(envelope, next)
        : (envelope) => checked(middleware, envelope, next),
    end,
  );
}

async function checked(middleware: Middleware, envelope: Envelope, next: Next): Promise<Envelope> {
  let isCalled = false;
  const result: unknown = await middleware.handle(envelope, (passed) => {
    if (isCalled) {
      return Promise.reject(new NextCalledTwiceError(middleware.constructor.name));
    }
    isCalled = true;
    return next(passed);
  });
  if (!isEnvelope(result)) {
    throw new InvalidMiddlewareResultError(middleware.constructor.name);
  }
  return result;
}

/** By shape rather than by class, so that a second copy of the package in the tree does no harm. */
function isEnvelope(value: unknown): value is Envelope {
  return typeof value === 'object' && value !== null && 'message' in value && 'with' in value;
}
