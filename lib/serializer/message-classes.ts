import type { MessageClass } from '../message/message-class.js';
import { messageMetadata, messageNameOf, nestedTypesOf } from '../message/message-metadata.js';
import type { MessageRegistry } from '../message/message-registry.js';
import { inspectClass, instantiate, type ClassShape } from './class-shape.js';
import { ClassTransformer } from './class-transformer.js';

/** Options for class-transformer: the serializer's own, with those of a `SerializerStamp` over them. */
export type TransformOptions = Readonly<Record<string, unknown>>;

/** A class and the rules by which its instances travel. */
export interface KnownClass extends ClassShape {
  /** Set where the class has class-transformer's decorators, which then say how it travels. */
  readonly transformer: ClassTransformer | undefined;
}

/**
 * Takes instances of message classes apart and puts them together, and knows which classes have a name on the wire.
 * What a class says is read once.
 */
export class MessageClasses {
  readonly #registry: MessageRegistry;
  readonly #loadTransformer: () => ClassTransformer | undefined;
  readonly #known = new WeakMap<MessageClass, KnownClass>();
  /** Declared by `nested`, also of a message class that was never registered: a mere producer may have many. */
  readonly #declared = new WeakSet<MessageClass>();
  #transformer: { readonly installed: ClassTransformer | undefined } | undefined;

  constructor(
    registry: MessageRegistry,
    loadTransformer: () => ClassTransformer | undefined = () => ClassTransformer.ifInstalled(),
  ) {
    this.#registry = registry;
    this.#loadTransformer = loadTransformer;
  }

  /** The name under which an instance inside of a message travels; `undefined` for a class nobody declared. */
  nestedNameOf(type: MessageClass): string | undefined {
    const name = messageNameOf(type);
    const holder = this.#registry.typeOf(name);
    const isDeclared = () => this.#declared.has(type) || messageMetadata(type) !== undefined;
    return holder === type || (holder === undefined && name !== '' && isDeclared()) ? name : undefined;
  }

  /** The class registered under a wire name: the only way from a text to a class. */
  typeOf(name: string): MessageClass | undefined {
    return this.#registry.typeOf(name);
  }

  /** The registered names, for an error. */
  names(): readonly string[] {
    return this.#registry.names();
  }

  shapeOf(type: MessageClass): KnownClass {
    return this.#known.get(type) ?? this.#inspect(type);
  }

  /** An instance of the class with these fields. */
  rebuild(type: MessageClass, fields: Readonly<Record<string, unknown>>, options: TransformOptions): object {
    const known = this.shapeOf(type);
    return known.transformer === undefined
      ? instantiate(known, fields)
      : known.transformer.toInstance(type, fields, options);
  }

  #inspect(type: MessageClass): KnownClass {
    this.#transformer ??= { installed: this.#loadTransformer() };
    const { installed } = this.#transformer;
    const shape = inspectClass(type);
    const known = installed?.governs(type)
      ? { ...shape, obstacle: undefined, transformer: installed }
      : { ...shape, transformer: undefined };
    this.#known.set(type, known);
    for (const nested of nestedTypesOf(type)) {
      this.#declared.add(nested);
      this.shapeOf(nested);
    }
    return known;
  }
}
