import { afterAll, beforeAll } from 'vitest';

/** Takes what is to be done at the end. `onTestFinished` of vitest is one. */
export type Lifetime = (end: () => void | Promise<void>) => void;

/**
 * One for all tests of a file or `describe`: made before the first, ended after the last.
 *
 * @example const cluster = perFile((lifetime) => startRedisCluster({}, lifetime));
 */
export function perFile<T extends object>(make: (lifetime: Lifetime) => Promise<T>): () => T {
  const ends: (() => void | Promise<void>)[] = [];
  let made: T | undefined;
  beforeAll(async () => {
    made = await make((end) => ends.push(end));
  });
  afterAll(async () => {
    for (const end of ends.reverse()) {
      await end();
    }
  });
  return () => {
    if (made === undefined) {
      throw new TypeError('It exists while tests and their hooks run, not while they are collected.');
    }
    return made;
  };
}
