import { Stamp } from '../envelope/stamp.js';

/** The validation groups for this message; see `ValidationMiddleware`. */
export class ValidationStamp extends Stamp {
  constructor(readonly groups: readonly string[]) {
    super();
  }
}
