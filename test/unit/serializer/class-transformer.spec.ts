import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { describe, expect, it } from 'vitest';
import { MessageDecodingFailedError } from '../../../lib/errors/message-decoding-failed.error.js';
import { MessageEncodingFailedError } from '../../../lib/errors/message-encoding-failed.error.js';
import { MessageRegistry } from '../../../lib/message/message-registry.js';
import { ClassTransformer } from '../../../lib/serializer/class-transformer.js';
import { MessageClasses } from '../../../lib/serializer/message-classes.js';
import { SerializerStamp } from '../../../lib/stamp/serializer.stamp.js';
import { Box, setup, thrownBy } from './serializer-setup.js';

class Address {
  readonly city: string = '';

  format(): string {
    return `in ${this.city}`;
  }
}

class UserRegistered {
  @Expose({ name: 'user_email' })
  email = '';

  @Exclude({ toPlainOnly: true })
  password = '';

  @Expose({ groups: ['internal'] })
  note?: string;

  @Type(() => Address)
  address: Address = new Address();

  @Type(() => Date)
  at: Date = new Date(0);

  @Transform(({ value }) => String(value).toLowerCase(), { toClassOnly: true })
  country = '';
}

class Inheriting extends UserRegistered {}

class Plain {
  readonly password = 'visible';
}

function registered(): UserRegistered {
  return Object.assign(new UserRegistered(), {
    email: 'ada@example.org',
    password: 'secret',
    note: 'vip',
    address: Object.assign(new Address(), { city: 'Oslo' }),
    at: new Date('2026-11-22T10:00:00.000Z'),
    country: 'NO',
  });
}

describe('a class with decorators of class-transformer', () => {
  const { serializer, encode, decode, transfer } = setup({ messages: [UserRegistered, Inheriting, Plain] });

  it('travels by the rules of its decorators', () => {
    expect(JSON.parse(encode(registered()).body as string)).toEqual({
      user_email: 'ada@example.org',
      address: { city: 'Oslo' },
      at: { $date: '2026-11-22T10:00:00.000Z' },
      country: 'NO',
    });

    const message = transfer(registered());
    expect(message).toBeInstanceOf(UserRegistered);
    expect(message).toMatchObject({ email: 'ada@example.org', password: '', country: 'no' });
    expect(message.address.format()).toBe('in Oslo');
    expect(message.at).toEqual(new Date('2026-11-22T10:00:00.000Z'));
  });

  it('reads dates that are plain texts', () => {
    const { message } = decode('{"at":"2026-11-22T10:00:00Z"}', 'UserRegistered');

    expect((message as UserRegistered).at).toEqual(new Date('2026-11-22T10:00:00Z'));
  });

  it('hands its rules down to subclasses, and to nobody else', () => {
    expect(encode(Object.assign(new Inheriting(), { password: 'secret' })).body).not.toContain('secret');
    expect(encode(new Plain()).body).toBe('{"password":"visible"}');
  });

  it('is subject to the options of the message, when it is written and when it is read', () => {
    const stamp = new SerializerStamp({ groups: ['internal'] });

    const encoded = encode(registered(), stamp);

    expect(encoded.body).toContain('"note":"vip"');
    expect(serializer.decode(encoded).message).toMatchObject({ note: 'vip' });
    expect(
      serializer.decode({ body: encoded.body, headers: { type: 'UserRegistered' } }).message,
    ).not.toMatchObject({
      note: 'vip',
    });
  });

  it('is written by the last stamp and read by the first', () => {
    const encoded = encode(
      registered(),
      new SerializerStamp({}),
      new SerializerStamp({ groups: ['internal'] }),
    );

    expect(encoded.body).toContain('"note":"vip"');
    expect(serializer.decode(encoded).message).not.toMatchObject({ note: 'vip' });
  });

  it('is subject to the options of the serializer, over which those of the message win', () => {
    const configured = setup({
      messages: [UserRegistered],
      options: { transform: { groups: ['internal'] } },
    });

    expect(configured.encode(registered()).body).toContain('"note":"vip"');
    expect(configured.encode(registered(), new SerializerStamp({ groups: ['other'] })).body).not.toContain(
      'vip',
    );
  });

  it('follows its rules inside of another message', () => {
    const { content } = transfer(new Box([registered()]));

    expect((content as readonly UserRegistered[])[0]).toBeInstanceOf(UserRegistered);
    expect((content as readonly UserRegistered[])[0]).toMatchObject({
      email: 'ada@example.org',
      password: '',
    });
  });

  it('may fail in a rule of its own, in either direction', () => {
    class Failing {
      @Transform(({ value, type }) => {
        throw new RangeError(`${String(value)} in direction ${type}`);
      })
      readonly field = 1;
    }
    const failing = setup({ messages: [Failing] });

    const encoding = thrownBy(() => failing.encode(new Failing()));
    const decoding = thrownBy(() => failing.decode('{"field":2}', 'Failing'));

    expect(encoding).toBeInstanceOf(MessageEncodingFailedError);
    expect(encoding.cause).toEqual(new RangeError('1 in direction 1'));
    expect(decoding).toBeInstanceOf(MessageDecodingFailedError);
    expect(decoding.cause).toEqual(new RangeError('2 in direction 0'));
  });
});

describe('class-transformer', () => {
  const notInstalled = (name: string): never => {
    throw Object.assign(new RangeError(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  };

  it('is not needed', () => {
    expect(ClassTransformer.ifInstalled(notInstalled)).toBeUndefined();
  });

  it('is asked for once, when the first class is seen', () => {
    let loads = 0;
    const classes = new MessageClasses(new MessageRegistry(), () => {
      loads++;
      return ClassTransformer.ifInstalled();
    });

    expect(loads).toBe(0);
    expect(classes.shapeOf(Plain).transformer).toBeUndefined();
    expect(classes.shapeOf(UserRegistered).transformer).toBeInstanceOf(ClassTransformer);
    expect(loads).toBe(1);
  });

  it('that keeps its metadata elsewhere is reported, not overlooked', () => {
    const other = (name: string): object => (name === 'class-transformer' ? {} : notInstalled(name));

    expect(() => ClassTransformer.ifInstalled(other)).toThrow(
      "Cannot find module 'class-transformer/cjs/storage.js'",
    );
  });

  it('that is installed and broken is reported', () => {
    const broken = () => {
      throw new SyntaxError('Unexpected token');
    };

    expect(() => ClassTransformer.ifInstalled(broken)).toThrow('Unexpected token');
  });
});
