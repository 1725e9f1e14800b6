import { afterEach, beforeAll, expect } from 'vitest';
import { MessengerError } from '../../lib/errors/messenger.error.js';
import { Dsn } from '../../lib/transport/dsn.js';
import { SecretWatch } from './secret-watch.js';

/**
 * Fails every test in which a secret that it uses is printed: in an error of this package or one that it has for its cause, in a log
 * line, on the standard streams, or by the console and the processes that tests start.
 *
 * A run has one watch for each process, whatever the number of its files: the hooks that find the secrets and the texts are set
 * once.
 */

const KEY = Symbol.for('nestjs-messenger:secret-watch');
const SECRET_NAME = /pass|secret|auth|token|\[key\]/i;

type Holder = { [KEY]?: SecretWatch };

/** What tests print into. */
export function secretWatch(): SecretWatch {
  const holder = globalThis as Holder;
  if (holder[KEY] === undefined) {
    holder[KEY] = new SecretWatch();
    watchDsns(holder[KEY]);
    watchErrors(holder[KEY]);
    watchStream(holder[KEY], process.stdout, 'stdout');
    watchStream(holder[KEY], process.stderr, 'stderr');
  }
  return holder[KEY];
}

/** Whoever wants the secrets of a DSN gets them by one of two getters. */
function watchDsns(watch: SecretWatch): void {
  replaceGetter('rest', (rest: string) => watch.addFromUrl(rest));
  replaceGetter('query', (query: ReadonlyArray<readonly [string, string]>) =>
    query.filter(([key]) => SECRET_NAME.test(key)).forEach(([, value]) => watch.add(value)),
  );
}

function replaceGetter<T>(name: 'rest' | 'query', note: (value: T) => void): void {
  const original = Object.getOwnPropertyDescriptor(Dsn.prototype, name);
  Object.defineProperty(Dsn.prototype, name, {
    configurable: true,
    get(this: Dsn): unknown {
      const value = original?.get?.call(this) as T;
      note(value);
      return value;
    },
  });
}

/** `super()` calls what the prototype of a class is at that time: so every error of this package passes by. */
function watchErrors(watch: SecretWatch): void {
  class WatchedError extends Error {
    constructor(message: string, options?: ErrorOptions) {
      super(message, options);
      watch.search('error', message);
      const cause: unknown = options?.cause;
      if (cause instanceof Error) {
        watch.search('cause of an error', cause.message);
      }
    }
  }
  Object.setPrototypeOf(MessengerError, WatchedError);
}

function watchStream(watch: SecretWatch, stream: NodeJS.WriteStream, where: string): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...others: unknown[]) => {
    watch.search(where, typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString());
    return write(chunk, ...others);
  };
}

beforeAll(() => {
  secretWatch().forget();
});

afterEach(() => {
  expect(secretWatch().take(), 'Secrets were printed').toEqual([]);
});

secretWatch();
