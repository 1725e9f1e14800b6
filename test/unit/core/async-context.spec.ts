import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { AsyncContext } from '../../../lib/envelope/async-context.js';

class Value {
  constructor(readonly text: string) {}
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('AsyncContext', () => {
  it('has a value in what is called within, however late, and none outside', async () => {
    const context = new AsyncContext<Value>();
    const seen = context.run(
      new Value('a'),
      async (suffix: string) => {
        const before = context.value?.text;
        await nextTurn();
        return `${before} ${context.value?.text} ${suffix}`;
      },
      'with its arguments',
    );
    expect(context.value).toBeUndefined();
    expect(await seen).toBe('a a with its arguments');
  });

  it('has the innermost value, and the outer one again afterwards', () => {
    const context = new AsyncContext<Value>();
    const texts = context.run(new Value('outer'), () => [
      context.value?.text,
      context.run(new Value('inner'), () => context.value?.text),
      context.value?.text,
    ]);
    expect(texts).toEqual(['outer', 'inner', 'outer']);
  });

  it('does not touch others, in whatever order they are entered', () => {
    const [a, b] = [new AsyncContext<Value>(), new AsyncContext<Value>()];
    const read = () => `${a.value?.text} ${b.value?.text}`;
    const seen: string[] = [];
    a.run(new Value('a1'), () => {
      b.run(new Value('b1'), () => {
        seen.push(read());
        a.run(new Value('a2'), () => {
          seen.push(read());
          b.run(new Value('b2'), () => seen.push(read()));
          seen.push(read());
        });
        seen.push(read());
      });
      seen.push(read());
    });
    expect(seen).toEqual(['a1 b1', 'a2 b1', 'a2 b2', 'a2 b1', 'a1 b1', 'a1 undefined']);
  });

  it('shares one storage of the process with all others', () => {
    const run = vi.spyOn(AsyncLocalStorage.prototype, 'run');
    const contexts = Array.from({ length: 100 }, () => new AsyncContext<Value>());
    contexts.forEach((context) => context.run(new Value('a'), () => undefined));
    const storages = new Set(run.mock.contexts);
    run.mockRestore();
    expect(storages.size).toBe(1);
  });

  it('keeps no value that was replaced', async () => {
    const [context, other] = [new AsyncContext<Value>(), new AsyncContext<Value>()];
    const values: Array<WeakRef<Value>> = [];
    // Each begins the next and does not wait for it, so that the first have long ended.
    await new Promise<void>((resolve) => {
      const begin = (left: number): void => {
        if (left === 0) {
          collectGarbage();
          resolve();
          return;
        }
        const value = new Value(String(left));
        values.push(new WeakRef(value));
        context.run(value, () => other.run(new Value('other'), () => setImmediate(begin, left - 1)));
      };
      begin(50);
    });
    expect(values.filter((each) => each.deref() !== undefined).length).toBeLessThan(5);
  });
});
