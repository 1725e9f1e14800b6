import { Controller, Injectable, Module, type Type } from '@nestjs/common';
import { type Batch, Envelope, MessageHandler } from 'nestjs-messenger';
import { describe, expect, it } from 'vitest';
import { bootApp, bootError } from './support/application.js';
import type { Shipped, ShippedLike } from './support/messages.js';

class Ping {}
class Pong {}

const providing = (...providers: Type<unknown>[]) => bootError({ providers });

describe('an application does not boot with a handler whose type cannot be read:', () => {
  it('one imported with "import type"', async () => {
    @Injectable()
    class Stock {
      @MessageHandler()
      reserve(_message: Shipped): void {}
    }
    const error = await providing(Stock);

    expect(error).toMatchObject({
      code: 'MESSENGER_UNREADABLE_HANDLED_TYPE',
      handlerName: 'Stock.reserve',
    });
    expect(error.message).toContain(
      'Handler "Stock.reserve": the type of its first parameter cannot be read',
    );
    expect(error.message).toContain('"import type"');
    expect(error.message).toMatch(
      /Import the class without "type", or name it: @MessageHandler\(OrderPlaced\)\.$/,
    );
  });

  it('an interface, a union, a primitive, any, an envelope', async () => {
    @Injectable()
    class Interface {
      @MessageHandler()
      run(_message: ShippedLike): void {}
    }
    @Injectable()
    class Union {
      @MessageHandler()
      run(_message: Ping | Pong): void {}
    }
    @Injectable()
    class Primitive {
      @MessageHandler()
      run(_message: string): void {}
    }
    @Injectable()
    class Wrapped {
      @MessageHandler()
      run(_message: Envelope): void {}
    }

    expect((await providing(Interface)).message).toContain('at run time it is "Object"');
    expect((await providing(Union)).message).toContain('at run time it is "Object"');
    expect((await providing(Primitive)).message).toContain('at run time it is "String"');
    expect((await providing(Wrapped)).message).toContain('at run time it is "Envelope"');
  });

  it('no parameter at all', async () => {
    @Injectable()
    class Stock {
      @MessageHandler()
      reserve(): void {}
    }

    expect((await providing(Stock)).message).toBe(
      'Handler "Stock.reserve": its method has no parameter to read the message type from. ' +
        'Write @MessageHandler(OrderPlaced).',
    );
  });

  it('a batch, which does not tell of what', async () => {
    @Injectable()
    class Stock {
      @MessageHandler({ batch: { size: 2 } })
      reserve(_batch: Batch<Ping>): void {}
    }

    expect((await providing(Stock)).message).toContain('a batch handler takes a "Batch"');
  });

  it('a decorator on the class, which does not see the parameters of the method', async () => {
    @MessageHandler()
    class Stock {
      handle(_message: Ping): void {}
    }

    expect((await providing(Stock)).message).toContain('put @MessageHandler() on the method');
  });

  it('a class that is undefined for a circle of imports', async () => {
    const Circular = undefined as unknown as typeof Ping;
    @MessageHandler([Ping, Circular])
    class Stock {
      handle(): void {}
    }
    @MessageHandler({ handles: Circular })
    class Other {
      handle(): void {}
    }

    expect((await providing(Stock)).message).toContain('message type no. 2 is undefined');
    expect((await providing(Other)).message).toContain('message type no. 1 is undefined');
  });

  it('an empty list, Object, something that is no class, a broken pattern', async () => {
    @MessageHandler([])
    class Nothing {
      handle(): void {}
    }
    @MessageHandler(Object)
    class Everything {
      handle(): void {}
    }
    @MessageHandler([7] as unknown as string)
    class Number {
      handle(): void {}
    }
    @MessageHandler('billing.*.done')
    class Pattern {
      handle(): void {}
    }

    expect((await providing(Nothing)).message).toContain('its list of message types is empty');
    expect((await providing(Everything)).message).toContain('Write "*" to handle every message');
    expect((await providing(Number)).message).toContain('"7" is no message class');
    expect(await providing(Pattern)).toMatchObject({
      code: 'MESSENGER_INVALID_PATTERN',
      message:
        'Handler "Pattern.handle": "billing.*.done" is no message pattern. ' +
        'Write a message name, a prefix such as "billing.*", or "*".',
    });
  });
});

describe('an application does not boot with a handler', () => {
  it('whose method is missing, static or no method', async () => {
    @MessageHandler(Ping, { method: 'run' })
    class Missing {
      handle(): void {}
    }
    class Static {
      @MessageHandler(Ping)
      static run(): void {}
    }
    @MessageHandler(Ping, { method: 'value' })
    class Value {
      get value(): never {
        throw new Error('A getter was called.');
      }
    }

    expect(await providing(Missing)).toMatchObject({
      code: 'MESSENGER_MISSING_METHOD',
      message:
        'Handler "Missing.run": the class "Missing" has no method "run". Write it, or correct the name.',
    });
    expect((await providing(Static)).message).toContain('has "run" as a static method');
    expect((await providing(Value)).message).toContain('has "value", but it is no method');
  });

  it('of an unknown bus or transport', async () => {
    @MessageHandler(Ping, { bus: 'evnt' })
    class Bus {
      handle(): void {}
    }
    @MessageHandler(Ping, { fromTransport: 'asnyc' })
    class Transport {
      handle(): void {}
    }

    expect(await providing(Bus)).toMatchObject({
      code: 'MESSENGER_UNKNOWN_BUS',
      message: 'Handler "Bus.handle": unknown bus "evnt". Known buses: "default".',
    });
    expect(
      await bootError({ providers: [Transport], options: { transports: { async: 'in-memory://' } } }),
    ).toMatchObject({
      code: 'MESSENGER_UNKNOWN_TRANSPORT',
      message: 'Handler "Transport.handle": unknown transport "asnyc". Known transports: "async".',
    });
  });

  it('that is a controller, where nobody would look for it', async () => {
    @Controller()
    class Shop {
      @MessageHandler(Ping)
      onPing(): void {}
    }
    @Module({ controllers: [Shop] })
    class ShopModule {}

    expect(await bootError({ imports: [ShopModule] })).toMatchObject({
      code: 'MESSENGER_MISPLACED_HANDLER',
      message:
        'Handler "Shop.onPing" belongs to a controller of module "ShopModule", and only providers handle messages. ' +
        'Move it to a provider.',
    });
  });

  it('that asks for signed messages where there is no key', async () => {
    @MessageHandler(Ping, { sign: true })
    class Signed {
      handle(): void {}
    }

    expect(await providing(Signed)).toMatchObject({
      code: 'MESSENGER_INVALID_OPTION',
      message:
        'Handler "Signed.handle": option "sign" needs a secret to verify messages with: set "signing: { secret }" of MessengerModule.',
    });
  });

  it('whose options are misspelt or out of range', async () => {
    const withOptions = (options: object) => {
      @MessageHandler(Ping, options)
      class Handler {
        handle(): void {}
      }
      return providing(Handler);
    };
    class OnMethod {
      @MessageHandler(Ping, { method: 'other' })
      handle(): void {}
    }

    expect((await withOptions({ form_transport: 'async' })).message).toContain(
      'Handler "Handler.handle": unknown option "form_transport". Did you mean "fromTransport"?',
    );
    expect((await withOptions({ priority: 'high' })).message).toContain('option "priority" must be a number');
    expect((await withOptions({ timeout: 0 })).message).toContain(
      'option "timeout" must be a number from 1 to 2147483647, got 0.',
    );
    // A timer told to wait longer than that fires at once.
    expect((await withOptions({ timeout: 2 ** 31 })).message).toContain('got 2147483648.');
    expect((await withOptions({ batch: { idleTimeout: 2 ** 31 } })).message).toContain(
      'option "batch.idleTimeout" must be a number from 0 to 2147483647, got 2147483648.',
    );
    expect((await withOptions({ batch: { size: 1.5 } })).message).toContain(
      '"batch.size" must be a whole number',
    );
    expect((await withOptions({ batch: { sise: 1 } })).message).toContain('Did you mean "size"?');
    expect((await withOptions({ batch: true })).message).toContain('option "batch" must be an object');
    expect((await providing(OnMethod)).message).toContain('option "method" is for a decorator on a class');
  });
});

describe('the name of a handler is its identity, so an application does not boot', () => {
  @MessageHandler(Ping)
  class Notify {
    handle(): string {
      return 'notified';
    }
  }
  @Module({ providers: [Notify] })
  class BillingModule {}
  @Module({ providers: [Notify] })
  class ShippingModule {}

  it('if a class is provided by two modules', async () => {
    expect(await bootError({ imports: [BillingModule, ShippingModule] })).toMatchObject({
      code: 'MESSENGER_DUPLICATE_HANDLER',
      message:
        'Handler "Notify.handle" is provided by module "BillingModule" and by module "ShippingModule": it would handle ' +
        'every message twice. Provide its class once, and export it from there.',
    });
  });

  it('if a class is provided twice by one module', async () => {
    @Module({ providers: [Notify, { provide: 'again', useClass: Notify }] })
    class TwiceModule {}

    expect((await bootError({ imports: [TwiceModule] })).message).toContain('twice by module "TwiceModule"');
  });

  it('if two classes have one name, unless one says another', async () => {
    const OtherNotify = (() => {
      @MessageHandler(Ping)
      class Notify {
        handle(): void {}
      }
      return Notify;
    })();
    const Renamed = (() => {
      @MessageHandler(Ping, { name: 'shipping.Notify' })
      class Notify {
        handle(): void {}
      }
      return Notify;
    })();

    expect(await bootError({ imports: [BillingModule], providers: [OtherNotify] })).toMatchObject({
      code: 'MESSENGER_DUPLICATE_HANDLER',
      message: expect.stringContaining('Two handlers are called "Notify.handle"') as string,
    });
    await expect(bootApp({ imports: [BillingModule], providers: [Renamed] })).resolves.toBeDefined();
  });
});
