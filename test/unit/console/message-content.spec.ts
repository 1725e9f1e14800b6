import { describe, expect, it } from 'vitest';
import { contentText, contentValue } from '../../../lib/console/message-content.js';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { UndecodableMessage } from '../../../lib/message/undecodable-message.js';

@AsMessage({ name: 'card.added', redact: ['number'] })
class CardAdded {
  constructor(
    readonly number: string,
    readonly owner: string,
  ) {}
}

class Note {
  constructor(readonly text: string) {}
}

const types = new MessageRegistry();
types.register(CardAdded);
types.register(Note);

const raw = (type: string): Envelope =>
  new Envelope<object>(new UndecodableMessage({ headers: { type }, body: '{"number":"4242"' }));

describe('the content of a message', () => {
  it('is shown without what its class hides', () => {
    const envelope = new Envelope<object>(new CardAdded('4242', 'ada'));

    expect(contentText(envelope, types)).toBe("CardAdded { number: '(redacted)', owner: 'ada' }");
    expect(contentValue(envelope, types)).toEqual({ number: '(redacted)', owner: 'ada' });
  });

  it('is not shown at all if it cannot be decoded, and its class hides something', () => {
    expect(contentText(raw('card.added'), types)).not.toContain('4242');
    expect(contentValue(raw('card.added'), types)).toEqual({
      headers: { type: 'card.added' },
      body: '(redacted)',
      encoding: null,
    });
  });

  it('is shown as it came if it cannot be decoded, and its class hides nothing or is unknown', () => {
    expect(contentText(raw('Note'), types)).toContain('4242');
    expect(contentValue(raw('unknown'), types)).toMatchObject({ body: '{"number":"4242"', encoding: 'utf8' });
  });
});
