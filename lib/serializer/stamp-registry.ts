import type { StampType } from '../envelope/stamp.js';
import { DuplicateStampNameError } from '../errors/duplicate-stamp-name.error.js';
import { InvalidStampError } from '../errors/invalid-stamp.error.js';
import { declaredStamps, stampNameOf } from '../stamp/stamp-metadata.js';
import { BUILT_IN_STAMPS, type StampForm } from './built-in-stamps.js';

/**
 * The stamps that may travel, under their wire names: those of this package, every class decorated with `@AsStamp`, and
 * those an application names itself. The allow-list for decoding.
 *
 * What is decorated is known to the whole process. A class that is defined a second time under its own name and the same
 * wire name (a module that was reloaded, another test file) therefore takes the place of the first, unless a registry
 * has it already: two applications in one process do not meet.
 */
export class StampRegistry {
  readonly #byType = new Map<StampType, StampForm>();
  readonly #byName = new Map<string, StampForm>();
  /** How many of the decorated classes have been looked at. */
  #seen = 0;

  /**
   * @param explicit further classes, under their `@AsStamp` name or else their own. Where several decorated classes have
   * one name, the one given here wins.
   * @throws DuplicateStampNameError when two classes have one name.
   * @throws InvalidStampError for a class without a name.
   */
  constructor(explicit: readonly StampType[] = []) {
    BUILT_IN_STAMPS.forEach((form) => this.#add(form));
    explicit.forEach((type) => this.#add({ type, name: explicitNameOf(type) }));
    const given = new Set(explicit.map(explicitNameOf));
    for (const [name, type] of latestByName(declaredStamps().filter((type) => !given.has(nameOf(type))))) {
      this.#add({ type, name });
    }
    this.#seen = declaredStamps().length;
  }

  /** How stamps of this class travel; `undefined` if they do not. */
  ofType(type: StampType): StampForm | undefined {
    return this.#byType.get(type) ?? (this.#addLate() ? this.#byType.get(type) : undefined);
  }

  /** What a name on the wire stands for, if anything. */
  ofName(name: string): StampForm | undefined {
    return this.#byName.get(name) ?? (this.#addLate() ? this.#byName.get(name) : undefined);
  }

  /** The names known, sorted. */
  names(): readonly string[] {
    return [...this.#byName.keys()].sort();
  }

  /** Adds classes defined since, as modules may be loaded late, under names that are free. Tells whether there were any. */
  #addLate(): boolean {
    const late = declaredStamps().slice(this.#seen);
    this.#seen += late.length;
    late
      .filter((type) => !this.#byName.has(nameOf(type)))
      .forEach((type) => this.#add({ type, name: nameOf(type) }));
    return late.length > 0;
  }

  #add(form: StampForm): void {
    const holder = this.#byName.get(form.name);
    if (holder !== undefined && holder.type !== form.type) {
      throw new DuplicateStampNameError(form.name, holder.type.name, form.type.name);
    }
    this.#byName.set(form.name, holder ?? form);
    this.#byType.set(form.type, holder ?? form);
  }
}

/** The name of a decorated class. */
function nameOf(type: StampType): string {
  return stampNameOf(type) as string;
}

function explicitNameOf(type: StampType): string {
  const name = stampNameOf(type) ?? type.name;
  if (name === '') {
    throw new InvalidStampError(
      'anonymous class',
      'it has no name to travel under; decorate it with @AsStamp',
    );
  }
  return name;
}

function latestByName(types: readonly StampType[]): ReadonlyMap<string, StampType> {
  const latest = new Map<string, StampType>();
  for (const type of types) {
    const holder = latest.get(nameOf(type));
    if (holder !== undefined && holder.name !== type.name) {
      throw new DuplicateStampNameError(nameOf(type), holder.name, type.name);
    }
    latest.set(nameOf(type), type);
  }
  return latest;
}
