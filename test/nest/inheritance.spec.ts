import { Injectable } from '@nestjs/common';
import { HandledStamp, MessageHandler } from 'nestjs-messenger';
import { describe, expect, it } from 'vitest';
import { bootApp } from './support/application.js';

class Ping {}
class UrgentPing extends Ping {}

const names = (envelope: { all(type: typeof HandledStamp): readonly HandledStamp[] }): readonly string[] =>
  envelope.all(HandledStamp).map(({ handlerName, result }) => `${handlerName}: ${String(result)}`);

abstract class BaseHandler {
  @MessageHandler(Ping)
  answer(): string {
    return `base answer of ${this.constructor.name}`;
  }
}

describe('a decorated method', () => {
  it('is inherited: the subclass that is provided handles', async () => {
    @Injectable()
    class Concrete extends BaseHandler {}
    const { bus } = await bootApp({ providers: [Concrete] });

    expect(names(await bus.dispatch(new Ping()))).toEqual(['Concrete.answer: base answer of Concrete']);
  });

  it('handles once for each class that inherits it and is provided', async () => {
    @Injectable()
    class First extends BaseHandler {}
    @Injectable()
    class Second extends BaseHandler {}
    const { bus } = await bootApp({ providers: [First, Second] });

    expect(names(await bus.dispatch(new Ping()))).toEqual([
      'First.answer: base answer of First',
      'Second.answer: base answer of Second',
    ]);
  });

  it('is left behind by a subclass that overrides it without a decorator', async () => {
    @Injectable()
    class Silent extends BaseHandler {
      override answer(): string {
        return 'never';
      }
    }
    const { bus } = await bootApp({
      providers: [Silent],
      options: { buses: { event: { allowNoHandlers: true } } },
    });

    expect(names(await bus.dispatch(new Ping()))).toEqual([]);
  });

  it('handles once where a subclass overrides and decorates it', async () => {
    @Injectable()
    class Louder extends BaseHandler {
      @MessageHandler(Ping)
      override answer(): string {
        return `louder: ${super.answer()}`;
      }
    }
    const { bus } = await bootApp({ providers: [Louder] });

    expect(names(await bus.dispatch(new Ping()))).toEqual(['Louder.answer: louder: base answer of Louder']);
  });
});

describe('a decorated class', () => {
  @MessageHandler(Ping)
  class Base {
    handle(): string {
      return this.constructor.name;
    }
  }

  it('does not make handlers of its subclasses', async () => {
    @Injectable()
    class Sub extends Base {}
    const { bus } = await bootApp({ providers: [Base, Sub] });

    expect(names(await bus.dispatch(new Ping()))).toEqual(['Base.handle: Base']);
  });
});

describe('a message', () => {
  it('reaches the handlers of its ancestors too, those of its own class first', async () => {
    @Injectable()
    class Handlers {
      @MessageHandler(Ping)
      any(): string {
        return 'any';
      }
      @MessageHandler(UrgentPing)
      urgent(): string {
        return 'urgent';
      }
    }
    const { bus } = await bootApp({ providers: [Handlers] });

    expect(names(await bus.dispatch(new UrgentPing()))).toEqual([
      'Handlers.urgent: urgent',
      'Handlers.any: any',
    ]);
    expect(names(await bus.dispatch(new Ping()))).toEqual(['Handlers.any: any']);
  });
});
