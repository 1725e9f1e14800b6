import { IsEmail, MinLength } from 'class-validator';
import {
  getTransportToken,
  MessageHandler,
  type MessengerOptions,
  ValidationMiddleware,
  ValidationStamp,
} from 'nestjs-messenger';
import { InMemoryTransport } from 'nestjs-messenger/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bootApp } from './support/application.js';

class SignUp {
  @IsEmail()
  readonly email: string;
  @MinLength(8, { groups: ['strict'] })
  readonly password: string;

  constructor(email: string, password: string) {
    this.email = email;
    this.password = password;
  }
}

class Transfer {
  static readonly schema = z.object({ amount: z.number().positive() });
  constructor(readonly amount: number) {}
}

class Unruly {}

@MessageHandler([SignUp, Transfer, Unruly])
class Handler {
  handle(message: object): string {
    return message.constructor.name;
  }
}

const options: MessengerOptions = {
  transports: { async: 'in-memory://' },
  buses: { command: { middleware: [ValidationMiddleware] } },
};

describe('ValidationMiddleware, named in the middleware of a bus', () => {
  it('validates messages that have class-validator decorators, in the groups of their stamp', async () => {
    const { bus } = await bootApp({ providers: [Handler], options });
    const strict = [new ValidationStamp(['strict'])];

    expect(await bus.execute(new SignUp('ada@example.org', 'long enough'))).toBe('SignUp');
    await expect(bus.dispatch(new SignUp('ada', 'long enough'))).rejects.toMatchObject({
      code: 'MESSENGER_VALIDATION_FAILED',
      violations: [{ path: 'email' }],
    });
    expect(await bus.execute(new SignUp('ada', 'long enough'), strict)).toBe('SignUp');
    await expect(bus.dispatch(new SignUp('ada', 'short'), strict)).rejects.toMatchObject({
      violations: [{ path: 'password' }],
    });
  });

  it('validates messages whose class has a schema, and leaves others alone', async () => {
    const { bus } = await bootApp({ providers: [Handler], options });

    expect(await bus.execute(new Transfer(1))).toBe('Transfer');
    await expect(bus.dispatch(new Transfer(-1))).rejects.toMatchObject({ violations: [{ path: 'amount' }] });
    expect(await bus.execute(new Unruly())).toBe('Unruly');
  });

  it('keeps what is not valid from being sent', async () => {
    const { app, bus } = await bootApp({
      providers: [Handler],
      options: { ...options, routing: [[Transfer, 'async']] },
    });

    await expect(bus.dispatch(new Transfer(-1))).rejects.toThrow('Message "Transfer" is not valid: amount:');
    expect(app.get<InMemoryTransport>(getTransportToken('async')).sent).toEqual([]);
  });
});
