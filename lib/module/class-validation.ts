import type { Violation } from '../errors/validation-failed.error.js';
import { ClassValidatorValidator } from '../middleware/class-validator.validator.js';
import type { MessageValidator } from '../middleware/validation.middleware.js';

/**
 * Validates with class-validator if it is installed. It is loaded with the first message, not when the application boots:
 * that would take a tenth of a second, and most applications never ask.
 */
export class ClassValidation implements MessageValidator {
  #validator: ClassValidatorValidator | undefined;
  #isLoaded = false;

  async validate(message: object, groups: readonly string[] | undefined): Promise<readonly Violation[]> {
    if (!this.#isLoaded) {
      this.#validator = ClassValidatorValidator.ifInstalled();
      this.#isLoaded = true;
    }
    return this.#validator === undefined ? [] : this.#validator.validate(message, groups);
  }
}
