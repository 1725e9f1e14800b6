import { Envelope } from '../envelope/envelope.js';
import { compose } from '../middleware/compose.js';
import type { Middleware, Next } from '../middleware/middleware.js';

/** What a middleware has done with an envelope. */
export interface MiddlewareRun<T extends object = object> {
  /** What it returned. */
  readonly envelope: Envelope<T>;
  /** What it passed on to the rest of the chain; nothing if it ended the chain. */
  readonly nextCalledWith: Envelope<T> | undefined;
}

/** Stands for the rest of the chain. */
const PASS: Next = (envelope) => Promise.resolve(envelope);

/**
 * Sends one message through one middleware, with the checks that a bus makes.
 *
 * ```ts
 * const { envelope, nextCalledWith } = await runMiddleware(new AuditMiddleware(log), new OrderPlaced(1));
 * ```
 *
 * @param next what the rest of the chain does. @default it returns the envelope as it came
 * @throws what the middleware throws; NextCalledTwiceError, InvalidMiddlewareResultError as on a bus.
 */
export async function runMiddleware<T extends object>(
  middleware: Middleware,
  message: T | Envelope<T>,
  next: Next = PASS,
): Promise<MiddlewareRun<T>> {
  let nextCalledWith: Envelope | undefined;
  const rest: Middleware = {
    handle(envelope) {
      nextCalledWith = envelope;
      return next(envelope);
    },
  };
  const run = compose([
    { middleware, isTrusted: false },
    { middleware: rest, isTrusted: false },
  ]);
  const envelope = await run(Envelope.wrap(message));
  // A middleware may replace the message; most do not, and their tests are to read it without a cast.
  return { envelope, nextCalledWith } as MiddlewareRun<T>;
}
