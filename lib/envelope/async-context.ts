import { AsyncLocalStorage } from 'node:async_hooks';

/** The value of one {@link AsyncContext}, and those of the others. */
interface Frame {
  readonly owner: AsyncContext<object>;
  readonly value: object;
  readonly rest: Frame | undefined;
}

/**
 * One for all of them. Before Node.js 24 each further storage of a process makes every promise of it slower, for good: by a
 * quarter of a microsecond. There would be several for every application, and a process that runs tests boots hundreds.
 */
const frames = new AsyncLocalStorage<Frame>();

/** A value that belongs to whatever is called within `run`, however asynchronous that is. No other context sees it. */
export class AsyncContext<T extends object> {
  /** Of the innermost `run`; nothing outside of all. */
  get value(): T | undefined {
    for (let frame = frames.getStore(); frame !== undefined; frame = frame.rest) {
      if (frame.owner === this) {
        return frame.value as T;
      }
    }
    return undefined;
  }

  /** Calls `work` with these arguments, and returns what it returns. */
  run<R, A extends readonly unknown[]>(value: T, work: (...args: A) => R, ...args: A): R {
    return frames.run({ owner: this, value, rest: without(this, frames.getStore()) }, work, ...args);
  }
}

/** A value that was replaced is not kept: work that begins more work, for ever, would keep ever more of them. */
function without(owner: object, frame: Frame | undefined): Frame | undefined {
  if (frame === undefined || frame.owner === owner) {
    return frame?.rest;
  }
  const rest = without(owner, frame.rest);
  return rest === frame.rest ? frame : { ...frame, rest };
}
