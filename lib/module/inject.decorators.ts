import { Inject } from '@nestjs/common';
import { getBusToken, getTransportToken } from './tokens.js';

/** What Nest's `@Inject` returns: decorates a constructor parameter or a property. */
export type InjectDecorator = PropertyDecorator & ParameterDecorator;

/** Injects the bus configured under this name. The default bus is injected by its class, `MessageBus`. */
export function InjectBus(name: string): InjectDecorator {
  return Inject(getBusToken(name));
}

/** Injects the transport configured under this name. */
export function InjectTransport(name: string): InjectDecorator {
  return Inject(getTransportToken(name));
}
