import { Stamp } from '../envelope/stamp.js';

/**
 * Options for the serializer, for this message only; they win over the serializer's own and apply when encoding
 * and when decoding. With the JSON serializer: `groups`, `version`, and whatever else class-transformer takes.
 */
export class SerializerStamp extends Stamp {
  constructor(readonly options: Readonly<Record<string, unknown>>) {
    super();
  }
}
