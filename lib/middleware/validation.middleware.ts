import type { Envelope } from '../envelope/envelope.js';
import { ValidationFailedError, type Violation } from '../errors/validation-failed.error.js';
import { classOf } from '../message/message-class.js';
import { ValidationStamp } from '../stamp/validation.stamp.js';
import type { Middleware, Next } from './middleware.js';

/** Finds what is wrong with a message; finds nothing in a message that it has no rules for. */
export interface MessageValidator {
  /** @param groups the validation groups asked for, if any. */
  validate(message: object, groups: readonly string[] | undefined): Promise<readonly Violation[]>;
}

/**
 * Validates every message when it is dispatched and again when it is received. Not in the default chain: name it in the
 * `middleware` of a bus. A `ValidationStamp` names the groups.
 */
export class ValidationMiddleware implements Middleware {
  readonly #validators: readonly MessageValidator[];

  constructor(validators: readonly MessageValidator[]) {
    this.#validators = validators;
  }

  async handle(envelope: Envelope, next: Next): Promise<Envelope> {
    const groups = envelope.last(ValidationStamp)?.groups;
    for (const validator of this.#validators) {
      const violations = await validator.validate(envelope.message, groups);
      if (violations.length > 0) {
        throw new ValidationFailedError(classOf(envelope.message).name, violations);
      }
    }
    return next(envelope);
  }
}
