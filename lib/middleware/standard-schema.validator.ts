import type { Violation } from '../errors/validation-failed.error.js';
import { classOf } from '../message/message-class.js';
import type { MessageValidator } from './validation.middleware.js';

/** The part of the Standard Schema specification (standardschema.dev) that is used: Zod, Valibot, ArkType and others have it. */
export interface StandardSchema {
  readonly '~standard': {
    validate(value: unknown): StandardResult | Promise<StandardResult>;
  };
}

interface StandardResult {
  readonly issues?:
    | ReadonlyArray<{
        readonly message: string;
        readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
      }>
    | undefined;
}

/** Validates messages whose class has a Standard Schema as its static `schema`. */
export class StandardSchemaValidator implements MessageValidator {
  async validate(message: object): Promise<readonly Violation[]> {
    const { schema } = classOf(message) as { readonly schema?: unknown };
    if (!isStandardSchema(schema)) {
      return [];
    }
    const { issues = [] } = await schema['~standard'].validate(message);
    return issues.map((issue) => ({
      path: (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
      message: issue.message,
    }));
  }
}

function isStandardSchema(value: unknown): value is StandardSchema {
  // A schema may be a function (ArkType) or an object (Zod, Valibot).
  return value !== null && (typeof value === 'object' || typeof value === 'function') && '~standard' in value;
}
