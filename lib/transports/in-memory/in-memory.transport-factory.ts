import { type Clock, systemClock } from '../../envelope/clock.js';
import { InvalidDsnError } from '../../errors/invalid-dsn.error.js';
import type { Dsn } from '../../transport/dsn.js';
import type { TransportContext, TransportFactory } from '../../transport/transport-factory.js';
import { resolveInMemoryOptions } from './in-memory.options.js';
import { InMemoryTransport } from './in-memory.transport.js';

/** Makes the transports of `in-memory://`. Each has its own messages. */
export class InMemoryTransportFactory implements TransportFactory {
  readonly schemes: readonly string[] = ['in-memory'];
  readonly #clock: Clock;

  /** @param clock measures the delays and leases of every transport made here. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** @throws InvalidDsnError, UnknownOptionError, InvalidOptionError */
  create(
    dsn: Dsn,
    options: Readonly<Record<string, unknown>>,
    { transportName, serializer }: TransportContext,
  ): InMemoryTransport {
    if (dsn.rest !== '' && dsn.rest !== '//') {
      throw new InvalidDsnError(
        transportName,
        dsn.toString(),
        'nothing may follow "in-memory://" but options such as "?serialize=true"; each transport has messages of its own',
      );
    }
    const { serialize, redeliverTimeout, history } = resolveInMemoryOptions(transportName, dsn, options);
    const clock = this.#clock;
    return new InMemoryTransport({
      transportName,
      clock,
      redeliverTimeout,
      history,
      ...(serialize ? { serializer } : {}),
    });
  }
}
