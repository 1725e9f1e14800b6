/** What an application adds to a message it cannot read: JSON lists of stamps under their names. */
export const QUARANTINE_HEADER = 'X-Quarantine';

/** Says that {@link QUARANTINE_HEADER} was written by somebody with a key. Of no use without it. */
export const SEAL_HEADER = 'X-Quarantine-Signature';

/** The signature of a message. */
export const SIGNATURE_HEADER = 'X-Signature';
