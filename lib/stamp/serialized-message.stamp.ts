import { NonSendableStamp } from '../envelope/stamp.js';

/** The message as it was received, so that a retry stores the identical bytes without encoding the message again. */
export class SerializedMessageStamp extends NonSendableStamp {
  constructor(
    readonly body: string | Uint8Array,
    /** The headers it came with, if the serializer kept them. */
    readonly headers?: Readonly<Record<string, string>>,
    /**
     * Whether a serializer may send `body` on instead of encoding the message. Not so if it is in a format that only
     * another serializer knows, and is kept to be stored as it came. @default true
     */
    readonly isReusable: boolean = true,
  ) {
    super();
  }
}
