import { HandlerTimeoutError } from '../errors/handler-timeout.error.js';

/**
 * Runs a handler that may take `timeout` milliseconds. When they have passed, the signal it was given is aborted and the
 * returned promise rejects, whether or not the handler stops; its late result is ignored.
 */
export async function runWithTimeout(
  handlerName: string,
  timeout: number,
  run: (signal: AbortSignal) => unknown,
): Promise<unknown> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new HandlerTimeoutError(handlerName, timeout);
      controller.abort(error);
      reject(error);
    }, timeout);
  });
  try {
    return await Promise.race([run(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
