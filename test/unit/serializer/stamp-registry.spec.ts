import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AsStamp } from '../../../lib/decorator/as-stamp.decorator.js';
import { NonSendableStamp, Stamp } from '../../../lib/envelope/stamp.js';
import { DuplicateStampNameError } from '../../../lib/errors/duplicate-stamp-name.error.js';
import { InvalidStampError } from '../../../lib/errors/invalid-stamp.error.js';
import { StampRegistry } from '../../../lib/serializer/stamp-registry.js';
import { DelayStamp } from '../../../lib/stamp/delay.stamp.js';
import { thrownBy } from './serializer-setup.js';

const DECLARED = Symbol.for('nestjs-messenger:declared-stamps');
let declared: unknown;

// What is decorated stays known to the process, where other files make registries of their own.
beforeEach(() => {
  declared = Reflect.getOwnMetadata(DECLARED, Stamp);
});
afterEach(() => Reflect.defineMetadata(DECLARED, declared ?? [], Stamp));

const anonymous = (): new () => Stamp => class extends Stamp {};

describe('StampRegistry', () => {
  it('knows the stamps of this package by the names of their classes', () => {
    expect(new StampRegistry().ofName('DelayStamp')?.type).toBe(DelayStamp);
    expect(new StampRegistry().ofType(DelayStamp)?.name).toBe('DelayStamp');
    expect(new StampRegistry().names()).toEqual(
      expect.arrayContaining([
        'BusNameStamp',
        'ErrorDetailsStamp',
        'HandledStamp',
        'RedeliveryStamp',
        'SerializerStamp',
      ]),
    );
  });

  it('knows decorated classes, also those defined after it was made', () => {
    const registry = new StampRegistry();
    expect(registry.ofName('registry.late')).toBeUndefined();

    @AsStamp('registry.late')
    class LateStamp extends Stamp {}

    expect(registry.ofType(LateStamp)?.name).toBe('registry.late');
    expect(registry.ofName('registry.late')?.type).toBe(LateStamp);
    expect(new StampRegistry().ofName('registry.late')?.type).toBe(LateStamp);
  });

  it('does not know the subclass of a decorated class', () => {
    @AsStamp('registry.parent')
    class ParentStamp extends Stamp {}
    class ChildStamp extends ParentStamp {}

    expect(new StampRegistry().ofType(ChildStamp)).toBeUndefined();
  });

  it('takes further classes under their own names', () => {
    class GivenStamp extends Stamp {}

    expect(new StampRegistry([GivenStamp]).ofName('GivenStamp')?.type).toBe(GivenStamp);
  });

  it('refuses a class without any name', () => {
    expect(() => new StampRegistry([anonymous()])).toThrow(InvalidStampError);
  });

  it('refuses two classes of one name', () => {
    class SameStamp extends Stamp {}
    const other = { SameStamp: class SameStamp extends Stamp {} }.SameStamp;

    expect(() => new StampRegistry([SameStamp, other])).toThrow(
      `Two stamp classes, "SameStamp" and "SameStamp", have the name "SameStamp". Give one of them another with @AsStamp('…').`,
    );
    expect(() => new StampRegistry([SameStamp, SameStamp])).not.toThrow();
  });

  it('refuses a class that takes the name of a stamp of this package, even if it is given', () => {
    const impostor = { DelayStamp: class DelayStamp extends Stamp {} }.DelayStamp;

    expect(thrownBy(() => new StampRegistry([impostor]))).toBeInstanceOf(DuplicateStampNameError);
  });

  it('refuses two decorated classes of one name, unless it is told which', () => {
    @AsStamp('registry.twice')
    class FirstStamp extends Stamp {}
    @AsStamp('registry.twice')
    class SecondStamp extends Stamp {}

    expect(thrownBy(() => new StampRegistry())).toMatchObject({
      code: 'MESSENGER_DUPLICATE_STAMP_NAME',
      stampName: 'registry.twice',
      firstClass: 'FirstStamp',
      secondClass: 'SecondStamp',
    });
    for (const given of [FirstStamp, SecondStamp]) {
      expect(new StampRegistry([given]).ofName('registry.twice')?.type).toBe(given);
    }
    expect(new StampRegistry([SecondStamp]).ofType(FirstStamp)).toBeUndefined();
  });

  it('takes the latest definition of a class that was defined again, and keeps the one it has', () => {
    const define = (): new () => Stamp => {
      @AsStamp('registry.again')
      class AgainStamp extends Stamp {}
      return AgainStamp;
    };
    const first = define();
    const before = new StampRegistry();
    const second = define();
    const after = new StampRegistry();

    expect(before.ofType(second)).toBeUndefined();
    expect(before.ofName('registry.again')?.type).toBe(first);
    expect(after.ofType(first)).toBeUndefined();
    expect(after.ofName('registry.again')?.type).toBe(second);
  });
});

describe('@AsStamp', () => {
  it.each([[''], ['a b'], ['x'.repeat(129)], ['käse'], ['a\n']])('refuses the name %j', (name) => {
    class AnyStamp extends Stamp {}

    expect(() => AsStamp(name)(AnyStamp)).toThrow(InvalidStampError);
  });

  it('refuses a stamp that never travels', () => {
    class LocalStamp extends NonSendableStamp {}

    expect(() => AsStamp('registry.local')(LocalStamp)).toThrow(
      'Invalid "LocalStamp": it extends NonSendableStamp, so it never travels; extend Stamp or remove @AsStamp.',
    );
  });
});
