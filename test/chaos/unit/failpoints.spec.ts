import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { isReleasable, isRequeueable, isSetupable } from '../../../lib/transport/capabilities.js';
import type { Transport } from '../../../lib/transport/transport.js';
import { armedFailpoints, arming } from '../failpoints/armed-failpoints.js';
import type { ArmedFailpoint } from '../failpoints/failpoint.js';
import { Failpoints } from '../failpoints/failpoints.js';
import { InjectedError } from '../failpoints/injected.error.js';
import { TransportHooks } from '../failpoints/transport-hooks.js';
import { ChaosLedger } from '../ledger/chaos-ledger.js';

function setup(...armed: readonly ArmedFailpoint[]) {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-failpoints-'));
  const ledger = new ChaosLedger(folder);
  onTestFinished(() => {
    ledger.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, ledger, failpoints: new Failpoints(armed, ledger) };
}

/** Whether each of so many passages throws. */
async function passages(failpoints: Failpoints, count: number, id = 'm', transport = 'async') {
  const outcomes: boolean[] = [];
  for (let passage = 0; passage < count; passage++) {
    const error: unknown = await failpoints
      .pass('before-ack', { ids: [id], transport })
      .catch((thrown: unknown) => thrown);
    outcomes.push(error instanceof InjectedError);
  }
  return outcomes;
}

describe('a failpoint', () => {
  it('lets everything through that it is not armed for', async () => {
    const { failpoints, ledger } = setup({ at: 'after-ack', action: 'throw' });
    expect(await passages(failpoints, 2)).toEqual([false, false]);
    expect([failpoints.isArmed('after-ack'), failpoints.isArmed('before-ack')]).toEqual([true, false]);
    expect(ledger.read().fired).toEqual([]);
  });

  it('acts at one passage, the first if nothing else is said', async () => {
    expect(await passages(setup({ at: 'before-ack', action: 'throw' }).failpoints, 3)).toEqual([
      true,
      false,
      false,
    ]);
    const second = setup({ at: 'before-ack', action: 'throw', passage: 2 });
    expect(await passages(second.failpoints, 3)).toEqual([false, true, false]);
  });

  it('acts at every passage from then on if it is armed for always', async () => {
    const { failpoints } = setup({ at: 'before-ack', action: 'throw', passage: 2, always: true });
    expect(await passages(failpoints, 4)).toEqual([false, true, true, true]);
  });

  it('counts the passages of one message, or at one transport, if it is told which', async () => {
    const { failpoints } = setup({ at: 'before-ack', action: 'throw', id: 'm', transport: 'async' });
    expect(await passages(failpoints, 1, 'other')).toEqual([false]);
    expect(await passages(failpoints, 1, 'm', 'other')).toEqual([false]);
    expect(await passages(failpoints, 1)).toEqual([true]);
  });

  it('writes down that it acts before it does', async () => {
    const { failpoints, ledger } = setup({ at: 'before-ack', action: 'throw' });
    await passages(failpoints, 2);
    expect(ledger.read().fired).toEqual([
      expect.objectContaining({ point: 'before-ack', action: 'throw', ids: ['m'], pid: process.pid }),
    ]);
  });

  it('may go on later', async () => {
    const { failpoints } = setup({ at: 'before-ack', action: 'delay', ms: 30 });
    const startedAt = performance.now();
    expect(await passages(failpoints, 1)).toEqual([false]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });

  it('is armed by the environment, which may not name what does not exist', () => {
    const armed = { at: 'before-ack', action: 'kill' } as const;
    expect(armedFailpoints(arming(armed))).toEqual([armed]);
    expect(armedFailpoints({})).toEqual([]);
    expect(() => armedFailpoints({ CHAOS_FAILPOINTS: '[{"at":"before-akc","action":"kill"}]' })).toThrow(
      /names the failpoint "before-akc", which does not exist\. Known: before-handle, .*keepalive/,
    );
    expect(() => armedFailpoints({ CHAOS_FAILPOINTS: '[{"at":"before-ack","action":"die"}]' })).toThrow(
      'names the action "die", which does not exist. Known: kill, pause, hang, throw, delay.',
    );
  });
});

describe('the hooks around a transport', () => {
  class Numbered {
    constructor(readonly id: string) {}
  }

  function transport(): Transport & { readonly acked: Envelope[]; release(): Promise<void> } {
    const acked: Envelope[] = [];
    return {
      acked,
      send: (envelopes) => Promise.resolve(envelopes),
      get: () => Promise.resolve([]),
      ack(envelopes) {
        acked.push(...envelopes);
        return Promise.resolve({ lost: envelopes.slice(1) });
      },
      reject: () => Promise.resolve(),
      release: () => Promise.resolve(),
    };
  }

  function hooked(...armed: readonly ArmedFailpoint[]) {
    const { failpoints, ledger } = setup(...armed);
    const hookedTransport = transport();
    const idOf = ({ message }: Envelope): string => (message as Numbered).id;
    const options = { transport: hookedTransport, name: 'async', failpoints, ledger, idOf };
    new TransportHooks(options, new WeakSet()).hookTransport();
    return { transport: hookedTransport, ledger };
  }

  const envelopes = ['m1', 'm2'].map((id) => new Envelope<object>(new Numbered(id)));

  it('leave it what it can do, and give it no more', () => {
    const { transport: subject } = hooked();
    expect([isReleasable(subject), isRequeueable(subject), isSetupable(subject)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('write down before and after each settlement, and which of them came too late', async () => {
    const { transport: subject, ledger } = hooked();
    expect(await subject.ack(envelopes)).toEqual({ lost: [envelopes[1]] });
    expect(ledger.read().settlements.map(({ what, how, id, lost }) => [what, how, id, lost])).toEqual([
      ['settling', 'ack', 'm1', false],
      ['settling', 'ack', 'm2', false],
      ['settled', 'ack', 'm1', false],
      ['settled', 'ack', 'm2', true],
    ]);
  });

  it('do not reach the transport if a failpoint throws before', async () => {
    const { transport: subject, ledger } = hooked({ at: 'before-ack', action: 'throw', id: 'm2' });
    await expect(subject.ack(envelopes)).rejects.toThrow(InjectedError);
    expect(subject.acked).toEqual([]);
    expect(ledger.read().settlements.map(({ what }) => what)).toEqual(['settling', 'settling']);
  });
});
