import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type PipeTransform,
  UseGuards,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { MessageHandler } from 'nestjs-messenger';
import type { Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { bootApp } from './support/application.js';

class Ping {
  constructor(readonly fail = false) {}
}

const touched: string[] = [];

class DenyAll implements CanActivate {
  canActivate(_context: ExecutionContext): boolean {
    touched.push('guard');
    return false;
  }
}

class Spoil implements PipeTransform {
  transform(): string {
    touched.push('pipe');
    return 'spoilt';
  }
}

class Intercept implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    touched.push('interceptor');
    return next.handle();
  }
}

@Catch()
class Swallow implements ExceptionFilter {
  catch(_error: unknown, _host: ArgumentsHost): void {
    touched.push('filter');
  }
}

@Injectable()
class Handlers {
  @UseGuards(DenyAll)
  @MessageHandler(Ping)
  handle(message: Ping): Ping {
    if (message.fail) {
      throw new Error('refused');
    }
    return message;
  }
}

it('guards, pipes, interceptors and filters of the application never touch a message', async () => {
  const { bus } = await bootApp({
    providers: [
      Handlers,
      { provide: APP_GUARD, useClass: DenyAll },
      { provide: APP_PIPE, useClass: Spoil },
      { provide: APP_INTERCEPTOR, useClass: Intercept },
      { provide: APP_FILTER, useClass: Swallow },
    ],
  });
  const ping = new Ping();

  expect(await bus.execute(ping)).toBe(ping);
  await expect(bus.execute(new Ping(true))).rejects.toThrow('refused');
  expect(touched).toEqual([]);
});
