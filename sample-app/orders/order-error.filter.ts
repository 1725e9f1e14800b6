import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ValidationFailedError } from 'nestjs-messenger';
import { OrderNotFoundError } from './order-not-found.error.js';

/** Turns the errors of commands and queries, which know nothing of HTTP, into answers. */
@Catch(ValidationFailedError, OrderNotFoundError)
export class OrderErrorFilter implements ExceptionFilter<ValidationFailedError | OrderNotFoundError> {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: ValidationFailedError | OrderNotFoundError, host: ArgumentsHost): void {
    const response: unknown = host.switchToHttp().getResponse();
    const { message } = error;
    if (error instanceof OrderNotFoundError) {
      this.adapterHost.httpAdapter.reply(response, { message }, 404);
    } else {
      this.adapterHost.httpAdapter.reply(response, { message, violations: error.violations }, 400);
    }
  }
}
