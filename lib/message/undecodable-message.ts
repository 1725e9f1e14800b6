import type { EncodedEnvelope } from './encoded-envelope.js';

/**
 * Stands in for a message whose bytes the serializer could not read. It holds them untouched, so that they can be
 * shown, kept in the failure transport, and decoded again once the cause is mended.
 */
export class UndecodableMessage {
  /**
   * @param isVouchedFor whether nobody but applications that know the key can have written its stamps, where messages are
   * signed.
   */
  constructor(
    readonly encoded: EncodedEnvelope,
    readonly isVouchedFor: boolean = true,
  ) {}
}
