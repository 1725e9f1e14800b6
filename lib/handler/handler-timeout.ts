import { HandlerTimeoutError } from '../errors/handler-timeout.error.js';

/**
 * Runs a handler that may take `timeout` milliseconds. When they have passed, the signal it was given is aborted and the
 * returned promise rejects, whether or not the handler stops; its late result is ignored.
 *
 * @param outer aborts the handler's signal as well. Followed by hand: `AbortSignal.any` keeps signals somebody listens to.
 */
export async function runWithTimeout(
  handlerName: string,
  timeout: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => unknown,
): Promise<unknown> {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new HandlerTimeoutError(handlerName, timeout);
      controller.abort(error);
      reject(error);
    }, timeout);
  });
  outer?.addEventListener('abort', follow);
  if (outer?.aborted === true) {
    follow();
  }
  try {
    return await Promise.race([run(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', follow);
  }
}
