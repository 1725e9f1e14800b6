import { describe, expect, it } from 'vitest';
import type { ReceiverRequest } from '../../../lib/console/consume-request.js';
import { receiversRequired, selectReceivers } from '../../../lib/console/receiver-selection.js';

const CONSUMABLE = ['async', 'mail_high', 'mail_low', 'failed'];

const named = (...names: string[]): ReceiverRequest => ({ names, all: false, excluded: [] });
const allBut = (...excluded: string[]): ReceiverRequest => ({ names: [], all: true, excluded });
const select = (request: ReceiverRequest, consumable = CONSUMABLE) =>
  selectReceivers(request, consumable, ['sync']);

describe('the receivers of a worker', () => {
  it('are those named, in that order, each once', () => {
    expect(select(named('failed', 'async', 'failed'))).toEqual(['failed', 'async']);
  });

  it('may be named by a regular expression, which stands for them in the order of the configuration', () => {
    expect(select(named('/^MAIL_/i', 'async'))).toEqual(['mail_high', 'mail_low', 'async']);
  });

  it('are all of them, in the order of the configuration, but the excluded', () => {
    expect(select(allBut())).toEqual(CONSUMABLE);
    expect(select(allBut('failed', '/_low$/'))).toEqual(['async', 'mail_high']);
  });

  it('may be excluded although they could not be consumed', () => {
    expect(select(allBut('sync'))).toEqual(CONSUMABLE);
  });

  it('are the only one there is if none is named', () => {
    expect(select(named(), ['async'])).toEqual(['async']);
  });

  it('have to be chosen if none is named and there are several', () => {
    expect(select(named())).toBeUndefined();
    expect(receiversRequired(CONSUMABLE).message).toBe(
      'Name the receivers to consume, the first having the highest priority, or use "--all". ' +
        'Receivers: "async", "mail_high", "mail_low", "failed".',
    );
  });

  it.each([
    [named('asinc'), 'The receiver "asinc" does not exist. Did you mean "async"? Known receivers: "async",'],
    [named('other-thing'), 'The receiver "other-thing" does not exist. Known receivers: "async",'],
    [named('/^nothing/'), 'The receiver "/^nothing/" does not exist.'],
    [named('/(/'), 'The receiver "/(/" is not a valid regular expression.'],
    [
      named('sync'),
      'The receiver "sync" cannot be consumed: its messages are handled where they are dispatched.',
    ],
    [allBut('asinc'), 'The receiver "asinc" does not exist.'],
    [allBut(...CONSUMABLE), 'All receivers have been excluded; leave at least one of "async",'],
  ])('are refused with the reason: %j', (request, reason) => {
    expect(() => select(request)).toThrow(reason);
  });

  it('cannot be found where no transport keeps messages', () => {
    expect(() => select(named(), [])).toThrow(
      'There is nothing to consume: no transport keeps messages (configured: "sync").',
    );
  });
});
