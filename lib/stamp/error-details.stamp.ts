import { Stamp } from '../envelope/stamp.js';

/** An error as plain data: bounded in size, safe to serialize, and without the getters or cycles of the original. */
export interface FlattenedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: FlattenedError;
}

/** One failed attempt: what was thrown, when, and on which host. */
export class ErrorDetailsStamp extends Stamp {
  constructor(
    readonly errorClass: string,
    readonly errorCode: string | number,
    readonly errorMessage: string,
    readonly failedAt: Date,
    readonly host: string,
    readonly flattened?: FlattenedError,
  ) {
    super();
  }

  /** Whether `other` reports the same error, wherever and whenever it happened. */
  equals(other: ErrorDetailsStamp | undefined): boolean {
    return (
      other !== undefined &&
      other.errorClass === this.errorClass &&
      other.errorCode === this.errorCode &&
      other.errorMessage === this.errorMessage
    );
  }
}
