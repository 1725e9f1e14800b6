import { NonSendableStamp } from '../envelope/stamp.js';

/**
 * Tells where in its transport a message came from. Unlike other stamps that do not travel, it stays on the copy that is sent for
 * a retry or to the failure transport, so that a transport can send a retry back to the one queue it came from.
 */
export abstract class OriginStamp extends NonSendableStamp {}
