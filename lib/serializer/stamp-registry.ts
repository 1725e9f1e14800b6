import type { StampType } from '../envelope/stamp.js';
import { DuplicateStampNameError } from '../errors/duplicate-stamp-name.error.js';
import { InvalidStampError } from '../errors/invalid-stamp.error.js';
import { declaredStamps, stampNameOf } from '../stamp/stamp-metadata.js';
import { BUILT_IN_STAMPS, type StampForm } from './built-in-stamps.js';

/**
 * The stamps that may travel, under their wire names: those of this package, every class decorated with `@AsStamp`, and
 * those an application names itself. The allow-list for decoding.
 */
export class StampRegistry {
  readonly #byType = new Map<StampType, StampForm>();
  readonly #byName = new Map<string, StampForm>();
  readonly #explicit = new Set<string>();
  #declared = 0;

  /**
   * @param explicit further classes, under their `@AsStamp` name or else their own. Where two decorated classes have one
   * name, the one given here wins.
   * @throws DuplicateStampNameError when two classes have one name.
   * @throws InvalidStampError for a class without a name.
   */
  constructor(explicit: readonly StampType[] = []) {
    BUILT_IN_STAMPS.forEach((form) => this.#add(form));
    const own = new Set(BUILT_IN_STAMPS.map(({ name }) => name));
    for (const type of explicit) {
      const name = stampNameOf(type) ?? type.name;
      if (name === '') {
        throw new InvalidStampError(
          'anonymous class',
          'it has no name to travel under; decorate it with @AsStamp',
        );
      }
      this.#add({ type, name });
      if (!own.has(name)) {
        this.#explicit.add(name);
      }
    }
    this.#addDeclared();
  }

  /** How stamps of this class travel; `undefined` if they do not. */
  ofType(type: StampType): StampForm | undefined {
    return this.#byType.get(type) ?? (this.#addDeclared() ? this.#byType.get(type) : undefined);
  }

  /** What a name on the wire stands for, if anything. */
  ofName(name: string): StampForm | undefined {
    return this.#byName.get(name) ?? (this.#addDeclared() ? this.#byName.get(name) : undefined);
  }

  /** The names known, sorted. */
  names(): readonly string[] {
    return [...this.#byName.keys()].sort();
  }

  /** Adds the decorated classes that have been defined since: modules may be loaded late. Tells whether there were any. */
  #addDeclared(): boolean {
    const declared = declaredStamps();
    const added = declared.slice(this.#declared);
    this.#declared = declared.length;
    for (const type of added) {
      const name = stampNameOf(type) as string;
      if (!this.#explicit.has(name)) {
        this.#add({ type, name });
      }
    }
    return added.length > 0;
  }

  #add(form: StampForm): void {
    const holder = this.#byName.get(form.name);
    if (holder !== undefined && holder.type !== form.type) {
      throw new DuplicateStampNameError(form.name, holder.type.name, form.type.name);
    }
    if (holder === undefined) {
      this.#byName.set(form.name, form);
      this.#byType.set(form.type, form);
    }
  }
}
