import { NonSendableStamp } from '../envelope/stamp.js';

/**
 * Postpones a message dispatched while another is being handled until that one has succeeded; if it fails, the
 * postponed message is dropped. Outside of a handling it has no effect.
 */
export class DispatchAfterCurrentBusStamp extends NonSendableStamp {}
