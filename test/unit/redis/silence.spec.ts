import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisSilence } from '../../../lib/transports/redis/redis.silence.js';
import { deferred } from '../../fixtures/core.js';

const LIMIT_MS = 1000;

function setup(isOneServer: boolean) {
  const given: number[] = [];
  const silence = new RedisSilence({
    limit: () => LIMIT_MS,
    isOneServer,
    onSilent: (limit) => {
      given.push(limit);
      return new Error('silent');
    },
  });
  /** Awaits a reply that the test gives; `outcome` tells what came of it. */
  const ask = (wait?: number) => {
    const reply = deferred<string>();
    const asked = { reply, outcome: 'none yet' };
    void silence.until(reply.promise, wait).then(
      (value) => (asked.outcome = value),
      (error: unknown) => (asked.outcome = (error as Error).message),
    );
    return asked;
  };
  return { silence, ask, given };
}

describe('the silence of a Redis server', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends the wait for a reply when it has lasted, soon after', async () => {
    const { ask, given } = setup(true);
    const asked = ask();
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 10);
    expect([asked.outcome, given]).toEqual(['none yet', []]);
    await vi.advanceTimersByTimeAsync(510);
    expect([asked.outcome, given]).toEqual(['silent', [LIMIT_MS]]);
  });

  it('is broken by any reply of one server, and ends the wait for all of them', async () => {
    const { ask } = setup(true);
    const [first, second, third] = [ask(), ask(), ask()];
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 100);
    first.reply.resolve('an answer');
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 100);
    expect([first, second, third].map(({ outcome }) => outcome)).toEqual([
      'an answer',
      'none yet',
      'none yet',
    ]);
    const late = ask();
    await vi.advanceTimersByTimeAsync(700);
    expect([second, third, late].map(({ outcome }) => outcome)).toEqual(['silent', 'silent', 'silent']);
  });

  it('of one node is not broken by another, and ends the waits only that have lasted', async () => {
    const { ask } = setup(false);
    const early = ask();
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 300);
    const late = ask();
    const answered = ask();
    answered.reply.resolve('an answer');
    await vi.advanceTimersByTimeAsync(810);
    expect([early, answered].map(({ outcome }) => outcome)).toEqual(['silent', 'an answer']);
    expect(late.outcome).toBe('none yet');
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(late.outcome).toBe('silent');
  });

  it('may last as much longer as a command says, also for those behind it', async () => {
    const { ask } = setup(true);
    const [waiting, behind] = [ask(2000), ask()];
    await vi.advanceTimersByTimeAsync(2900);
    expect([waiting, behind].map(({ outcome }) => outcome)).toEqual(['none yet', 'none yet']);
    await vi.advanceTimersByTimeAsync(700);
    expect([waiting, behind].map(({ outcome }) => outcome)).toEqual(['silent', 'silent']);
  });

  it('can be ended at once', async () => {
    const { silence, ask, given } = setup(true);
    const asked = ask();
    silence.giveUp(7);
    await vi.advanceTimersByTimeAsync(0);
    expect([asked.outcome, given]).toEqual(['silent', [7]]);
  });

  it('costs nothing when nothing is awaited', async () => {
    const { ask } = setup(true);
    const asked = ask();
    asked.reply.resolve('an answer');
    await vi.advanceTimersByTimeAsync(2 * LIMIT_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('passes on why a reply failed', async () => {
    const { ask } = setup(true);
    const asked = ask();
    asked.reply.reject(new Error('refused'));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.outcome).toBe('refused');
  });
});
