import { describe, expect, it } from 'vitest';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { isRedacted, redact } from '../../../lib/message/redact.js';

@AsMessage({ redact: ['number', 'holder.name'] })
class Card {
  constructor(
    readonly number: string,
    readonly holder: object,
  ) {}
}

class GiftCard extends Card {
  readonly kind = 'gift';
}

@AsMessage({ nested: [Card], redact: ['password', 'lines.price', 'headers.token'] })
class Payment {
  constructor(readonly fields: object) {
    Object.assign(this, fields);
  }
}

@AsMessage({ redact: true })
class Secret {
  readonly text = 'hush';
}

class Plain {
  readonly at = new Date(0);
  readonly list = [{ a: 1 }];
}

describe('redact', () => {
  it('hides what the class names, and keeps the class', () => {
    const shown = redact(new Card('4242', { name: 'ada', country: 'GB' }));

    expect(shown).toBeInstanceOf(Card);
    expect(shown).toEqual(
      Object.assign(Object.create(Card.prototype) as Card, {
        number: '(redacted)',
        holder: { name: '(redacted)', country: 'GB' },
      }),
    );
  });

  it('does so for subclasses', () => {
    expect(redact(new GiftCard('4242', {}))).toMatchObject({ number: '(redacted)', kind: 'gift' });
  });

  it('looks through lists, sets and maps, and into objects whose class says something itself', () => {
    const fields = {
      lines: [{ price: 1, id: 'a' }, new Map([['price', 2]])],
      cards: new Set([new Card('4242', {})]),
      byName: new Map([['mine', { card: new Card('4243', {}) }]]),
      headers: new Map([['token', 'abc']]),
      note: 'all right',
    };
    const shown = redact(new Payment(fields)) as typeof fields;

    expect(shown.lines).toEqual([{ price: '(redacted)', id: 'a' }, new Map([['price', '(redacted)']])]);
    expect([...shown.cards]).toMatchObject([{ number: '(redacted)' }]);
    expect(shown.byName.get('mine')).toMatchObject({ card: { number: '(redacted)' } });
    expect([...shown.headers]).toEqual([['token', '(redacted)']]);
    expect(shown.note).toBe('all right');
    expect(JSON.stringify(shown)).not.toMatch(/424|abc/);
  });

  it('hides everything if the class says so, wherever the object is', () => {
    expect(redact(new Secret())).toBe('(redacted)');
    expect(redact({ list: [new Secret()] })).toEqual({ list: ['(redacted)'] });
  });

  it('leaves the message as it is, and copies nothing without need', () => {
    const card = new Card('4242', { name: 'ada' });
    const plain = new Plain();
    const bytes = Buffer.from('bytes');

    redact(card);

    expect(card).toEqual(new Card('4242', { name: 'ada' }));
    expect(redact(plain)).toBe(plain);
    expect((redact({ bytes, card }) as { bytes: Buffer }).bytes).toBe(bytes);
  });

  it('comes to an end with what contains itself', () => {
    const loop: { self?: object; card: Card } = { card: new Card('4242', {}) };
    loop.self = loop;

    expect(redact(loop)).toMatchObject({ self: '(circular)', card: { number: '(redacted)' } });
  });

  it('asks no getter that need not be asked', () => {
    const fields = Object.defineProperty({ secret: new Secret() }, 'broken', {
      enumerable: true,
      get: () => {
        throw new Error('asked');
      },
    });

    expect((redact(fields) as typeof fields).secret).toBe('(redacted)');
  });
});

describe('isRedacted', () => {
  it.each([
    [Card, true],
    [GiftCard, true],
    [Payment, true],
    [Secret, true],
    [Plain, false],
  ])('tells of %o whether it holds something to hide', (type, expected) => {
    expect(isRedacted(type)).toBe(expected);
  });

  it('is so for a class that only holds such objects', () => {
    @AsMessage({ nested: [Card] })
    class Order {}

    expect(isRedacted(Order)).toBe(true);
  });
});

describe('@AsMessage({ redact })', () => {
  it.each([[false], [[]], [['']], [['card.']], ['card'], [[1]]])('refuses %j', (value) => {
    const decorate = AsMessage({ redact: value as never });

    expect(() => decorate(class Broken {})).toThrow(InvalidOptionError);
    expect(() => decorate(class Broken {})).toThrow(
      /option "redact" must be true or a list of property names or paths such as "card\.number", got/,
    );
  });
});
