import { describe, expect, it } from 'vitest';
import { AsMessage } from '../../../lib/decorator/as-message.decorator.js';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { UnknownOptionError } from '../../../lib/errors/unknown-option.error.js';
import {
  messageMetadata,
  messageNameOf,
  type MessageOptions,
} from '../../../lib/message/message-metadata.js';
import {
  resolveJsonSerializerOptions,
  type JsonSerializerOptions,
} from '../../../lib/serializer/json-serializer-options.js';
import { thrownBy } from './serializer-setup.js';

describe('@AsMessage', () => {
  it('records what it says on the class, and not on its subclasses', () => {
    @AsMessage({ name: 'parent', transport: ['a', 'b'] })
    class Parent {}
    class Child extends Parent {}

    expect(messageMetadata(Parent)).toEqual({ name: 'parent', transport: ['a', 'b'] });
    expect(messageNameOf(Parent)).toBe('parent');
    expect(messageNameOf(Child)).toBe('Child');
  });

  it('needs no options, and may decorate an abstract class', () => {
    @AsMessage()
    abstract class Named {}

    expect(messageNameOf(Named)).toBe('Named');
  });

  it.each<[MessageOptions, string]>([
    [{ name: '' }, 'option "name" must be a text that is not empty and has no "*", got "".'],
    [{ name: 'order.*' }, 'option "name" must be a text that is not empty and has no "*", got "order.*".'],
    [{ aliases: ['ok', '*'] }, 'option "aliases" must be a text that is not empty and has no "*", got "*".'],
  ])('refuses %j', (options, text) => {
    const error = thrownBy(() => AsMessage(options)(class Order {}));

    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toBe(`@AsMessage of class "Order": ${text}`);
  });

  it('refuses an option that does not exist', () => {
    const error = thrownBy(() => AsMessage({ transports: 'a' } as MessageOptions)(class Order {}));

    expect(error).toBeInstanceOf(UnknownOptionError);
    expect(error.message).toBe(
      '@AsMessage of class "Order": unknown option "transports". Known options: "name", "transport", "aliases", "nested", "redact".',
    );
  });
});

describe('the options of the JSON serializer', () => {
  it('have defaults', () => {
    expect(resolveJsonSerializerOptions()).toEqual({
      maxDepth: 100,
      maxBodySize: 16_777_216,
      maxStampsSize: 1_048_576,
      transform: {},
    });
  });

  it.each<[JsonSerializerOptions, string]>([
    [{ maxDepth: 15 }, 'JSON serializer: option "maxDepth" must be a whole number from 16 to 1000, got 15.'],
    [
      { maxDepth: 1001 },
      'JSON serializer: option "maxDepth" must be a whole number from 16 to 1000, got 1001.',
    ],
    [{ maxBodySize: 1.5 }, 'must be a whole number from 1 to 9007199254740991, got 1.5.'],
    [{ maxBodySize: Number.NaN }, 'option "maxBodySize" must be a whole number'],
    [{ maxStampsSize: 65_535 }, 'option "maxStampsSize" must be a whole number from 65536'],
  ])('cannot be %j', (options, text) => {
    expect(() => resolveJsonSerializerOptions(options)).toThrow(text);
  });

  it('are known by name', () => {
    expect(() => resolveJsonSerializerOptions({ depth: 3 } as JsonSerializerOptions)).toThrow(
      UnknownOptionError,
    );
  });
});
