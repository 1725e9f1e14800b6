import { NonSendableStamp } from '../envelope/stamp.js';

/** Extra arguments for every handler of the message, passed after the message and its context. */
export class HandlerArgumentsStamp extends NonSendableStamp {
  readonly additionalArguments: readonly unknown[];

  constructor(...additionalArguments: readonly unknown[]) {
    super();
    this.additionalArguments = additionalArguments;
  }
}
