import { describe, expect, it } from 'vitest';
import { application, note, temporaryTable, textsOf } from './setup.js';

describe('two transports on two tables of one PostgreSQL', () => {
  it.each([1, 2])('exchange %i message(s) in one step', async (count) => {
    const app = application();
    const [here, there] = [app.open(), app.open({ table_name: temporaryTable() }, 'failed')];
    await here.send(Array.from({ length: count }, (_, index) => note(`${index}`)));
    const received = await here.get({ max: count });
    expect(here.canRequeueTo(there)).toBe(true);

    const items = received.map((each) => ({
      received: each,
      copy: note(`copy of ${textsOf([each])[0]}`),
      to: there,
    }));
    await expect(here.requeue(items)).resolves.toEqual({ lost: [] });
    expect(await here.messageCount()).toMatchObject({ ready: 0, inFlight: 0 });
    expect(textsOf(await there.get({ max: count }))).toEqual(items.map((_, index) => `copy of ${index}`));
  });
});
