import { NonSendableStamp, type StampType } from '../envelope/stamp.js';
import { InvalidStampError } from '../errors/invalid-stamp.error.js';
import { defineStampMetadata } from '../stamp/stamp-metadata.js';

/** What a header name may hold with every broker. */
const STAMP_NAME = /^[\w.-]{1,128}$/;

/**
 * Lets the stamps of a class travel with their message, under a name that stays when the class is renamed.
 *
 * @example
 * ```ts
 * @AsStamp('tenant')
 * export class TenantStamp extends Stamp {
 *   constructor(readonly tenantId: string) {
 *     super();
 *   }
 * }
 * ```
 *
 * @param name 1 to 128 letters, digits, `.`, `_` or `-`; no other stamp may have it.
 * @throws InvalidStampError for another name, and for a class that extends `NonSendableStamp`.
 */
export function AsStamp(name: string): (type: StampType) => void {
  return (type) => {
    if (!STAMP_NAME.test(name)) {
      throw new InvalidStampError(
        type.name,
        `its name must be 1 to 128 letters, digits, ".", "_" or "-", got "${name}"`,
      );
    }
    if (type.prototype instanceof NonSendableStamp) {
      throw new InvalidStampError(
        type.name,
        'it extends NonSendableStamp, so it never travels; extend Stamp or remove @AsStamp',
      );
    }
    defineStampMetadata(type, name);
  };
}
