import { AsMessage } from '../../decorator/as-message.decorator.js';

/** What the suite sends. */
@AsMessage({ name: 'messenger.conformance' })
export class ConformanceMessage {
  constructor(readonly content: string) {}
}

/** What the serializer of the suite refuses. */
@AsMessage({ name: 'messenger.conformance.unencodable' })
export class UnencodableMessage {
  readonly reason = 'The suite refuses to encode it.';
}
