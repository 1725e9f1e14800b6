import { ancestryOf, type MessageClass } from '../message/message-class.js';

type Transform = (subject: unknown, options: Readonly<Record<string, unknown>>) => unknown;

/** The part of class-transformer that is used. */
interface ClassTransformerModule {
  readonly instanceToPlain: Transform;
  plainToInstance(type: unknown, plain: unknown, options: Readonly<Record<string, unknown>>): unknown;
}

/** Where class-transformer keeps what its decorators say. It has no public way to ask for a class as a whole. */
interface MetadataStorage {
  readonly _typeMetadatas: ReadonlyMap<unknown, unknown>;
  readonly _transformMetadatas: ReadonlyMap<unknown, unknown>;
  readonly _exposeMetadatas: ReadonlyMap<unknown, unknown>;
  readonly _excludeMetadatas: ReadonlyMap<unknown, unknown>;
}

/** Takes messages apart and puts them together where their class has class-transformer's decorators. */
export class ClassTransformer {
  readonly #module: ClassTransformerModule;
  readonly #storage: MetadataStorage;

  constructor(module: unknown, storage: unknown) {
    this.#module = module as ClassTransformerModule;
    this.#storage = storage as MetadataStorage;
  }

  /** The installed class-transformer, if there is one. It is an optional peer, and loaded here only. */
  static ifInstalled(load: (name: string) => unknown = require): ClassTransformer | undefined {
    let module: unknown;
    try {
      module = load('class-transformer');
    } catch (error) {
      if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
        return undefined;
      }
      throw error;
    }
    // Not to find this one must not pass for "not installed": an @Exclude would be overlooked.
    const storage = load('class-transformer/cjs/storage.js') as { readonly defaultMetadataStorage: unknown };
    return new ClassTransformer(module, storage.defaultMetadataStorage);
  }

  /** Whether the class or an ancestor is decorated with `@Type`, `@Transform`, `@Expose` or `@Exclude`. */
  governs(type: MessageClass): boolean {
    const { _typeMetadatas, _transformMetadatas, _exposeMetadatas, _excludeMetadatas } = this.#storage;
    const all = [_typeMetadatas, _transformMetadatas, _exposeMetadatas, _excludeMetadatas];
    return ancestryOf(type).some((ancestor) => all.some((metadata) => metadata.has(ancestor)));
  }

  /** The instance as a plain object, by the rules of its class. */
  toPlain(instance: object, options: Readonly<Record<string, unknown>>): object {
    return this.#module.instanceToPlain(instance, options) as object;
  }

  /** An instance made of a plain object, by the rules of its class. Calls the constructor, without arguments. */
  toInstance(type: MessageClass, plain: object, options: Readonly<Record<string, unknown>>): object {
    return this.#module.plainToInstance(type, plain, options) as object;
  }
}
