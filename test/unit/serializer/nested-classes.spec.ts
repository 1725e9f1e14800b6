import { describe, expect, it } from 'vitest';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { UnknownMessageTypeError } from '../../../lib/errors/unknown-message-type.error.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { Box, setup, thrownBy } from './serializer-setup.js';

@AsMessage({ name: 'nested.money', aliases: ['nested.amount'] })
class Money {
  constructor(
    readonly amount: bigint,
    readonly currency: string,
  ) {}

  toString(): string {
    return `${this.amount} ${this.currency}`;
  }
}

class Line {
  constructor(
    readonly price: Money,
    readonly shippedAt?: Date,
  ) {}

  get isShipped(): boolean {
    return this.shippedAt !== undefined;
  }
}

@AsMessage({ nested: [Line, Money] })
abstract class Sale {
  readonly lines: readonly Line[] = [];
}

@AsMessage({ name: 'nested.sale', nested: [] })
class ShopSale extends Sale {
  readonly largest: ReadonlyMap<string, Money> = new Map();
}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

class Segment extends Point {
  constructor(readonly to: Point) {
    super(0, 0);
  }
}

class Distance {
  constructor(readonly meters: number) {}

  format(): string {
    return `${this.meters} m`;
  }
}

class Iterable {
  *[Symbol.iterator](): Iterator<number> {
    yield 1;
  }
}

describe('an instance of a class inside of a message', () => {
  it('is restored when its class is registered', () => {
    const { encode, transfer } = setup({ messages: [Money] });
    const box = new Box([new Money(12n, 'EUR')]);

    expect(encode(box).body).toBe(
      '{"content":[{"$type":"nested.money","amount":{"$bigint":"12"},"currency":"EUR"}]}',
    );
    expect(String((transfer(box).content as readonly Money[])[0])).toBe('12 EUR');
  });

  it('is restored when the class of the message, or an ancestor of it, declares it', () => {
    const { transfer } = setup({ messages: [ShopSale] });
    const sale = Object.assign(new ShopSale(), {
      lines: [new Line(new Money(1n, 'EUR'), new Date(0)), new Line(new Money(2n, 'EUR'))],
      largest: new Map([['EUR', new Money(2n, 'EUR')]]),
    });

    const restored = transfer(sale);

    expect(restored.lines.map(({ isShipped }) => isShipped)).toEqual([true, false]);
    expect(restored.lines[0]?.price).toBeInstanceOf(Money);
    expect(restored.largest.get('EUR')).toBeInstanceOf(Money);
  });

  it('is tagged by a producer that has registered nothing, where its class is declared', () => {
    const sale = Object.assign(new ShopSale(), { lines: [new Line(new Money(1n, 'EUR'))] });

    expect(setup().encode(sale).body).toBe(
      '{"lines":[{"$type":"Line","price":{"$type":"nested.money","amount":{"$bigint":"1"},"currency":"EUR"}}],"largest":{"$map":[]}}',
    );
  });

  it('is registered under its name with the message, once, even if the classes hold each other', () => {
    class Node {}
    @AsMessage({ name: 'nested.tree', nested: [Node] })
    class Tree {}
    AsMessage({ name: 'nested.node', nested: [Tree] })(Node);
    const registry = new MessageRegistry();

    registry.register(Tree);

    expect(registry.names()).toEqual(['nested.node', 'nested.tree']);
  });

  it('is known under its former name', () => {
    const { decode } = setup({ messages: [Money] });

    const { message } = decode(
      '{"content":{"$type":"nested.amount","amount":{"$bigint":"1"},"currency":"EUR"}}',
    );

    expect((message as Box).content).toEqual(new Money(1n, 'EUR'));
    expect((message as Box).content).toBeInstanceOf(Money);
  });

  it('keeps fields whose names look like tags apart from them', () => {
    class Tagged {
      readonly $type = 'x';
      readonly $date = new Date(0);
    }
    const { encode, transfer } = setup({ messages: [Tagged] });

    expect(encode(new Box(new Tagged())).body).toContain(
      '{"$type":"Tagged","$$type":"x","$$date":{"$date":"1970',
    );
    expect(transfer(new Box(new Tagged())).content).toStrictEqual(new Tagged());
  });

  it('may have no fields at all', () => {
    class Empty {
      isEmpty(): boolean {
        return true;
      }
    }

    expect(setup({ messages: [Empty] }).transfer(new Box(new Empty())).content).toBeInstanceOf(Empty);
  });

  it('becomes plain data when nobody declared its class, which has no methods to lose', () => {
    const { encode, transfer } = setup();
    const segment = new Segment(new Point(3, 4));

    expect(encode(new Box(segment)).body).toBe('{"content":{"x":0,"y":0,"to":{"x":3,"y":4}}}');
    expect(Object.getPrototypeOf(transfer(new Box(segment)).content)).toBe(Object.prototype);
  });

  it.each([
    ['methods', new Distance(5), 'Distance'],
    ['methods under a symbol', new Iterable(), 'Iterable'],
  ])('is refused when nobody declared its class, which has %s', (_name, content, className) => {
    const error = thrownBy(() => setup().encode(new Box({ content })));

    expect(error.message).toBe(
      `Message "Box" cannot be encoded: field "content.content" is an instance of "${className}", which would arrive ` +
        `without its methods. Send plain data, or list the class in "nested" of @AsMessage or in "messages" of the ` +
        `module to have it restored.`,
    );
  });

  it('does not travel under a name that belongs to a registered class', () => {
    @AsMessage({ name: 'nested.money' })
    class Impostor {
      readonly amount = 1;
    }

    expect(setup({ messages: [Money] }).encode(new Box(new Impostor())).body).toBe(
      '{"content":{"amount":1}}',
    );
  });

  it('is not mistaken for the registered class of the same name', () => {
    const Other = { Distance: class Distance {} }.Distance;

    expect(setup({ messages: [Other] }).encode(new Box(new Other())).body).toBe(
      '{"content":{"$type":"Distance"}}',
    );
    expect(() => setup({ messages: [Other] }).encode(new Box(new Distance(1)))).toThrow(
      'instance of "Distance"',
    );
  });

  it('is refused by a worker that does not know its class, and left for one that does', () => {
    const { body, headers } = setup({ messages: [Money] }).encode(new Box(new Money(1n, 'EUR')));

    const error = thrownBy(() => setup().serializer.decode({ body, headers }));

    expect(error).toBeInstanceOf(UnknownMessageTypeError);
    expect(error).toMatchObject({ typeName: 'nested.money' });
  });

  it('is refused when its class cannot be rebuilt from fields', () => {
    class Dictionary extends Map<string, string> {}

    const error = thrownBy(() =>
      setup({ messages: [Dictionary] }).decode('{"content":{"$type":"Dictionary"}}'),
    );

    expect(error.message).toBe(
      'Message "Box", field "content" cannot be decoded: its class "Dictionary" extends the built-in class "Map", whose ' +
        'inner state is no field.',
    );
  });
});
