import { InvalidOutboxError } from '../errors/invalid-outbox.error.js';
import { UnknownTransportError } from '../errors/unknown-transport.error.js';
import { isLocated, isOutboxStore, type OutboxQueue } from '../transport/capabilities.js';
import { type Outbox, Outboxes } from '../transport/outboxes.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import type { ResolvedTransport } from './resolved-options.js';
import type { TransportSerializers } from './transport-serializers.js';

/**
 * Checks the options `outbox` against the transports they name, as far as that is possible before any transport is made.
 *
 * @throws UnknownTransportError, InvalidOutboxError
 */
export function assertOutboxes(transports: ReadonlyMap<string, ResolvedTransport>): void {
  for (const { name, outbox, isSync } of transports.values()) {
    if (outbox === undefined) {
      continue;
    }
    const store = transports.get(outbox);
    if (store === undefined) {
      throw new UnknownTransportError(outbox, [...transports.keys()], `Transport "${name}", "outbox"`);
    }
    const reason = refusalOf(name, isSync, store);
    if (reason !== undefined) {
      throw new InvalidOutboxError(name, outbox, reason);
    }
  }
}

function refusalOf(name: string, isSync: boolean, store: ResolvedTransport): string | undefined {
  if (store.name === name) {
    return (
      'that is the transport itself. Name the transport whose database the messages shall be stored in first, or leave ' +
      '"outbox" out: in a transaction, a transport that keeps its messages in a database stores them there by itself'
    );
  }
  if (isSync) {
    return '"sync://" handles its messages when they are sent, so there is nothing to forward. Leave "outbox" out';
  }
  if (store.isSync) {
    return '"sync://" keeps no messages. Name one that keeps them in a database, "sqlite:" for instance';
  }
  return store.outbox === undefined
    ? undefined
    : `that has an outbox itself, in "${store.outbox}". Name "${store.outbox}" here, or take the outbox of "${store.name}" away`;
}

/**
 * The outboxes of the application.
 *
 * @throws InvalidOutboxError when a transport cannot keep one, or keeps it where another transport has its messages.
 */
export function createOutboxes(
  definitions: ReadonlyMap<string, ResolvedTransport>,
  transports: TransportRegistry,
  serializers: TransportSerializers,
): Outboxes {
  const outboxes = [...definitions.values()].flatMap((target) =>
    target.outbox === undefined ? [] : [createOutbox(target, target.outbox, transports, serializers)],
  );
  return new Outboxes(outboxes);
}

function createOutbox(
  target: ResolvedTransport,
  storeName: string,
  transports: TransportRegistry,
  serializers: TransportSerializers,
): Outbox {
  const store = transports.get(storeName);
  if (!isOutboxStore(store)) {
    throw new InvalidOutboxError(
      target.name,
      storeName,
      'it cannot keep an outbox. Name one that keeps its messages in a database, "sqlite:" for instance',
    );
  }
  const queue = store.outboxOf(target.name, serializers.ofOutbox(target));
  const rival = transports.names().find((name) => isSamePlace(queue, name, transports));
  if (rival !== undefined) {
    throw new InvalidOutboxError(
      target.name,
      storeName,
      `the messages of transport "${rival}" are in the same place. Give "${rival}" another queue`,
    );
  }
  return { targetName: target.name, storeName, queue };
}

function isSamePlace(queue: OutboxQueue, name: string, transports: TransportRegistry): boolean {
  const transport = transports.get(name);
  return isLocated(queue) && isLocated(transport) && queue.location === transport.location;
}
