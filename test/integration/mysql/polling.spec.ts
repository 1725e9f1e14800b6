import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { note, place, textsOf } from './setup.js';

describe('a receiver on MySQL, which nobody calls', () => {
  it('receives at once what its own process sends', async () => {
    const app = place().application();
    const [sender, receiver] = [app.open({}, 'sender'), app.open({ pollInterval: 60_000 }, 'receiver')];
    await receiver.get();
    const waiting = receiver.get({ wait: 30_000 });
    await sleep(100);
    const began = performance.now();
    await sender.send([note('a')]);
    expect(textsOf(await waiting)).toEqual(['a']);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('looks again soon after messages came, although the interval is long', async () => {
    const here = place();
    const [sender, receiver] = [here.application().open(), here.application().open({ pollInterval: 60_000 })];
    await sender.send([note('first')]);
    await receiver.get();
    for (let index = 0; index < 5; index++) {
      const waiting = receiver.get({ wait: 30_000 });
      await sender.send([note(`next ${index}`)]);
      expect(textsOf(await waiting)).toEqual([`next ${index}`]);
    }
  }, 10_000);

  it('wakes up when the next message is due', async () => {
    const here = place();
    const [sender, receiver] = [here.application().open(), here.application().open({ pollInterval: 60_000 })];
    await sender.send([note('later', new DelayStamp(700))]);
    const began = performance.now();
    expect(textsOf(await receiver.get({ wait: 30_000 }))).toEqual(['later']);
    expect(performance.now() - began).toBeGreaterThan(400);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
