import { declareHandler, type HandledTypes, type MessageHandlerOptions } from './handler-metadata.js';

const DEFAULT_METHOD = 'handle';

/**
 * Makes a class or a method a handler of messages. The class must be a provider of some module. On a class, its method
 * `handle` is the handler, and the types must be named; on a method they may be left out, and are then read from the
 * method's first parameter. May stand several times on one class or method.
 *
 * Whatever is wrong with it (an unknown bus, a type that cannot be read) is reported when the application boots.
 *
 * @example
 * ```ts
 * @MessageHandler(OrderPlaced)
 * export class SendConfirmation {
 *   async handle(message: OrderPlaced, context: HandlerContext): Promise<void> {}
 * }
 *
 * @Injectable()
 * export class Stock {
 *   @MessageHandler({ fromTransport: 'stock', priority: 10 })
 *   async reserve(message: OrderPlaced): Promise<void> {}
 * }
 * ```
 */
export function MessageHandler(): ClassDecorator & MethodDecorator;
export function MessageHandler(
  handles: HandledTypes,
  options?: MessageHandlerOptions,
): ClassDecorator & MethodDecorator;
export function MessageHandler(
  options: MessageHandlerOptions & { readonly handles?: HandledTypes },
): ClassDecorator & MethodDecorator;
export function MessageHandler(...args: readonly unknown[]): ClassDecorator & MethodDecorator {
  const { types, options } = readArguments(args);
  return (target: object, method?: string | symbol): void => {
    if (method === undefined) {
      declareHandler(target, { target: 'class', method: options.method ?? DEFAULT_METHOD, types, options });
    } else {
      // The class; a static method has the class itself as its target, and is refused at boot.
      const type = typeof target === 'function' ? target : target.constructor;
      declareHandler(type, { target: 'method', method, types, options });
    }
  };
}

interface Arguments {
  readonly types: readonly unknown[] | undefined;
  readonly options: Readonly<Record<string, unknown>> & MessageHandlerOptions;
}

/** Told apart by their number: `@MessageHandler(X)` with `X` undefined, as in a circle of imports, is not `@MessageHandler()`. */
function readArguments(args: readonly unknown[]): Arguments {
  if (args.length === 0) {
    return { types: undefined, options: {} };
  }
  const [first, second] = args;
  if (typeof first === 'object' && first !== null && !Array.isArray(first)) {
    const { handles, ...options } = first as Record<string, unknown>;
    return { types: 'handles' in first ? asList(handles) : undefined, options };
  }
  return { types: asList(first), options: (second ?? {}) as Record<string, unknown> };
}

function asList(types: unknown): readonly unknown[] {
  return Array.isArray(types) ? (types as unknown[]) : [types];
}
