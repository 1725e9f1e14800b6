import type { MessageBus } from '../../bus/message-bus.js';
import { InvalidDsnError } from '../../errors/invalid-dsn.error.js';
import type { Dsn } from '../../transport/dsn.js';
import { resolveOptions } from '../../transport/options.js';
import type { TransportContext, TransportFactory } from '../../transport/transport-factory.js';
import { SyncTransport } from './sync.transport.js';

/** Makes the transports of `sync://`. They have no options. */
export class SyncTransportFactory implements TransportFactory {
  readonly schemes: readonly string[] = ['sync'];
  readonly #bus: () => MessageBus;

  /** @param bus see {@link SyncTransport}. */
  constructor(bus: () => MessageBus) {
    this.#bus = bus;
  }

  /** @throws InvalidDsnError for anything after `sync://`; UnknownOptionError for any option. */
  create(
    dsn: Dsn,
    options: Readonly<Record<string, unknown>>,
    { transportName }: TransportContext,
  ): SyncTransport {
    if (dsn.rest !== '' && dsn.rest !== '//') {
      throw new InvalidDsnError(transportName, dsn.toString(), 'write "sync://", without anything behind it');
    }
    resolveOptions(transportName, dsn, options, {}, {});
    return new SyncTransport(transportName, this.#bus);
  }
}
