import { Stamp } from '../envelope/stamp.js';

/**
 * Stamps of a class that this application does not know, as they came. They travel on unchanged, so that a worker of an
 * older version does not lose what a newer one has added.
 */
export class OpaqueStamp extends Stamp {
  /**
   * @param stampName the name on the wire.
   * @param json the stamps of that name, a JSON list that is not empty.
   */
  constructor(
    readonly stampName: string,
    readonly json: string,
  ) {
    super();
  }
}
