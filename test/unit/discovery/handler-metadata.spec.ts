import { describe, expect, it } from 'vitest';
import { handlerDeclarations } from '../../../lib/decorator/handler-metadata.js';
import { MessageHandler } from '../../../lib/decorator/message-handler.decorator.js';
import {
  listenerDeclarations,
  OnMessengerEvent,
} from '../../../lib/decorator/on-messenger-event.decorator.js';
import {
  isResetBetweenMessages,
  ResetBetweenMessages,
} from '../../../lib/decorator/reset-between-messages.decorator.js';

class Ping {}
class Pong {}

describe('what @MessageHandler records', () => {
  it('is told by the number of its arguments', () => {
    class Handlers {
      @MessageHandler()
      none(): void {}
      @MessageHandler(undefined as unknown as typeof Ping)
      undefinedType(): void {}
      @MessageHandler(Ping, { priority: 1 })
      one(): void {}
      @MessageHandler([Ping, 'pong'])
      several(): void {}
      @MessageHandler({ handles: Ping, bus: 'event' })
      options(): void {}
      @MessageHandler({ bus: 'event' })
      onlyOptions(): void {}
    }

    expect(handlerDeclarations(Handlers).map(({ types, options }) => ({ types, options }))).toEqual([
      { types: undefined, options: {} },
      { types: [undefined], options: {} },
      { types: [Ping], options: { priority: 1 } },
      { types: [Ping, 'pong'], options: {} },
      { types: [Ping], options: { bus: 'event' } },
      { types: undefined, options: { bus: 'event' } },
    ]);
  });

  it('stands in the order of writing, that of the class first', () => {
    @MessageHandler('class 1')
    @MessageHandler('class 2', { method: 'second' })
    class Handlers {
      @MessageHandler('first 1')
      @MessageHandler('first 2')
      first(): void {}
      @MessageHandler('second 1')
      @MessageHandler('second 2')
      second(): void {}
    }

    expect(handlerDeclarations(Handlers).map(({ types }) => types?.[0])).toEqual([
      'class 1',
      'class 2',
      'first 1',
      'first 2',
      'second 1',
      'second 2',
    ]);
  });

  it('of a base class is not changed by its subclasses', () => {
    class Base {
      @MessageHandler(Ping)
      handle(): void {}
    }
    class First extends Base {
      @MessageHandler(Pong)
      other(): void {}
    }
    class Second extends Base {}

    expect(handlerDeclarations(First).map(({ method }) => method)).toEqual(['other', 'handle']);
    expect(handlerDeclarations(Second).map(({ method }) => method)).toEqual(['handle']);
    expect(handlerDeclarations(Base).map(({ method }) => method)).toEqual(['handle']);
  });

  it('is left behind by an override in the middle of the line of ancestors', () => {
    class Base {
      @MessageHandler(Ping)
      handle(): void {}
    }
    class Middle extends Base {
      override handle(): void {}
    }
    class Leaf extends Middle {}

    expect(handlerDeclarations(Leaf)).toEqual([]);
  });

  it('is nothing for a class, function or object without a decorator', () => {
    class Plain {}

    expect(handlerDeclarations(Plain)).toEqual([]);
    expect(handlerDeclarations(() => undefined)).toEqual([]);
    expect(handlerDeclarations({})).toEqual([]);
  });
});

describe('what @OnMessengerEvent records', () => {
  it('stands in the order of writing', () => {
    class Listeners {
      @OnMessengerEvent(Ping)
      @OnMessengerEvent(Pong)
      both(): void {}
    }

    expect(listenerDeclarations(Listeners)).toEqual([
      { method: 'both', eventType: Ping },
      { method: 'both', eventType: Pong },
    ]);
  });
});

describe('@ResetBetweenMessages', () => {
  it('holds for the class and its subclasses', () => {
    @ResetBetweenMessages()
    class Resettable {
      reset(): void {}
    }
    class Sub extends Resettable {}
    class Other {
      reset(): void {}
    }

    expect([Resettable, Sub, Other].map(isResetBetweenMessages)).toEqual([true, true, false]);
  });
});
