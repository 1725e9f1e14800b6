import { assertKeys, assertList, type OptionKeys } from '../discovery/option-checks.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { NotConsumableError } from '../errors/not-consumable.error.js';
import { UnknownBusError } from '../errors/unknown-bus.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import { resolveWorkerOptions } from '../worker/worker-options.js';
import type { InProcessWorkerOptions, MessengerOptions } from './messenger-options.js';
import type { ResolvedBus, ResolvedTransport } from './resolved-options.js';

const KEYS: OptionKeys<InProcessWorkerOptions> = {
  receivers: true,
  bus: true,
  concurrency: true,
  prefetch: true,
  fetchSize: true,
  sleep: true,
  queues: true,
  limit: true,
  failureLimit: true,
  memoryLimit: true,
  timeLimit: true,
  stopWhenIdle: true,
  grace: true,
  keepalive: true,
  blockWarning: true,
  reset: true,
};

/** @throws InvalidOptionError, UnknownOptionError, UnknownTransportError, NotConsumableError, UnknownBusError */
export function resolveWorkers(
  { workers = [] }: MessengerOptions,
  transports: ReadonlyMap<string, ResolvedTransport>,
  buses: ReadonlyMap<string, ResolvedBus>,
): readonly InProcessWorkerOptions[] {
  assertList('MessengerModule', 'workers', workers);
  workers.forEach((worker, index) => {
    const where = `Worker no. ${index + 1} of "workers"`;
    assertKeys(where, 'workers', worker, KEYS);
    assertReceivers(where, worker.receivers, transports);
    if (worker.bus !== undefined && !buses.has(worker.bus)) {
      throw new UnknownBusError(worker.bus, [...buses.keys()], where);
    }
    resolveWorkerOptions(worker);
  });
  return workers;
}

function assertReceivers(
  where: string,
  receivers: unknown,
  transports: ReadonlyMap<string, ResolvedTransport>,
): void {
  if (!Array.isArray(receivers) || receivers.length === 0) {
    throw new InvalidOptionError(where, 'receivers', 'must be a list of transport names that is not empty');
  }
  for (const name of receivers as readonly string[]) {
    const transport = transports.get(name);
    if (transport === undefined) {
      throw new UnknownTransportError(name, [...transports.keys()], where);
    }
    if (transport.isSync) {
      throw new NotConsumableError(
        name,
        'handles its messages when they are sent; remove it from "receivers"',
      );
    }
  }
}
