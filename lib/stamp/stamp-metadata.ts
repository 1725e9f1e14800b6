import 'reflect-metadata';
import { Stamp, type StampType } from '../envelope/stamp.js';

const NAME_KEY = Symbol.for('nestjs-messenger:stamp-name');
const DECLARED_KEY = Symbol.for('nestjs-messenger:declared-stamps');

/** Records the wire name of a stamp class; called by `@AsStamp`. */
export function defineStampMetadata(type: StampType, name: string): void {
  Reflect.defineMetadata(NAME_KEY, name, type);
  // Decoding starts from a name, so the classes must be found without anybody handing them over. The list hangs on the
  // base class, as static a fact as the decorator itself, and is only ever appended to, while classes are defined.
  Reflect.defineMetadata(DECLARED_KEY, [...declaredStamps(), type], Stamp);
}

/** The wire name that `@AsStamp` gives this very class, ancestors left out. */
export function stampNameOf(type: StampType): string | undefined {
  return Reflect.getOwnMetadata(NAME_KEY, type) as string | undefined;
}

/** Every class decorated with `@AsStamp` so far, in the order of their definition. */
export function declaredStamps(): readonly StampType[] {
  return (Reflect.getOwnMetadata(DECLARED_KEY, Stamp) as readonly StampType[] | undefined) ?? [];
}
