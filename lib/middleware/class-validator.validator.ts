import { classOf } from '../message/message-class.js';
import type { Violation } from '../errors/validation-failed.error.js';
import type { MessageValidator } from './validation.middleware.js';

interface ValidationError {
  readonly property: string;
  readonly constraints?: Readonly<Record<string, string>>;
  readonly children?: readonly ValidationError[];
}

/** The part of class-validator that is used. */
export interface ClassValidator {
  validate(message: object, options: { readonly groups?: string[] }): Promise<readonly ValidationError[]>;
  getMetadataStorage(): {
    getTargetValidationMetadatas(
      target: unknown,
      schema: string,
      always: boolean,
      strictGroups: boolean,
    ): readonly unknown[];
  };
}

/** Validates messages whose class has class-validator's decorators. */
export class ClassValidatorValidator implements MessageValidator {
  readonly #classValidator: ClassValidator;

  constructor(classValidator: ClassValidator) {
    this.#classValidator = classValidator;
  }

  /** With class-validator if it is installed. It is an optional peer, and loaded here only. */
  static ifInstalled(load: (name: string) => unknown = require): ClassValidatorValidator | undefined {
    try {
      return new ClassValidatorValidator(load('class-validator') as ClassValidator);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
        return undefined;
      }
      throw error;
    }
  }

  async validate(message: object, groups: readonly string[] | undefined): Promise<readonly Violation[]> {
    const metadata = this.#classValidator
      .getMetadataStorage()
      .getTargetValidationMetadatas(classOf(message), '', false, false);
    if (metadata.length === 0) {
      return [];
    }
    const errors = await this.#classValidator.validate(
      message,
      groups === undefined ? {} : { groups: [...groups] },
    );
    return errors.flatMap((error) => violationsOf(error, ''));
  }
}

function violationsOf(error: ValidationError, parent: string): readonly Violation[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  return [
    ...Object.values(error.constraints ?? {}).map((message) => ({ path, message })),
    ...(error.children ?? []).flatMap((child) => violationsOf(child, path)),
  ];
}
