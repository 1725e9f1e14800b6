import type { FactoryProvider, Provider } from '@nestjs/common';
import type { Clock } from '../envelope/clock.js';
import type { MessengerLogger } from '../event/logger.js';
import { IdempotentHandling } from '../inbox/idempotent-handling.js';
import { Inboxes } from '../inbox/inboxes.js';
import type { TransactionRunner } from '../inbox/transaction-runner.js';
import { CurrentTransaction } from '../middleware/current-transaction.js';
import { TransportRegistry } from '../transport/transport-registry.js';
import { InboxPruner } from '../worker/inbox-pruner.js';
import type { InstanceOrProvider } from './messenger-options.js';
import { type ProviderReference, ProviderReferences } from './provider-references.js';
import { resolveInboxes } from './resolve-inboxes.js';
import type { ResolvedMessengerOptions } from './resolved-options.js';
import { MESSENGER_CLOCK, MESSENGER_LOGGER, RESOLVED_OPTIONS } from './tokens.js';

/** What lets idempotent handlers handle each message once. */
export function inboxProviders(): readonly Provider[] {
  return [inboxes, idempotentHandling, inboxPruner];
}

const inboxes: FactoryProvider<Inboxes> = {
  provide: Inboxes,
  inject: [RESOLVED_OPTIONS, TransportRegistry],
  useFactory: ({ transports }: ResolvedMessengerOptions, registry: TransportRegistry) =>
    resolveInboxes(transports, registry),
};

const idempotentHandling: FactoryProvider<IdempotentHandling> = {
  provide: IdempotentHandling,
  inject: [RESOLVED_OPTIONS, Inboxes, CurrentTransaction, ProviderReferences, MESSENGER_LOGGER],
  useFactory: (
    { transaction }: ResolvedMessengerOptions,
    found: Inboxes,
    current: CurrentTransaction,
    references: ProviderReferences,
    logger: MessengerLogger,
  ) =>
    new IdempotentHandling({
      inboxes: found,
      transactions: transaction === undefined ? undefined : runnerOf(transaction, references),
      runAmbient: (opened, work) => current.run(opened, work),
      logger,
    }),
};

const inboxPruner: FactoryProvider<InboxPruner> = {
  provide: InboxPruner,
  inject: [RESOLVED_OPTIONS, Inboxes, MESSENGER_CLOCK, MESSENGER_LOGGER],
  useFactory: (
    { inboxRetention }: ResolvedMessengerOptions,
    { stores }: Inboxes,
    clock: Clock,
    logger: MessengerLogger,
  ) => new InboxPruner({ stores, retention: inboxRetention, clock, logger }),
};

/** A provider of another module exists only once Nest has made them all, so it is asked for at each run. */
function runnerOf(
  given: InstanceOrProvider<TransactionRunner>,
  references: ProviderReferences,
): TransactionRunner {
  const use = { where: 'MessengerModule', option: 'transaction', methods: ['run'] };
  const reference: ProviderReference<TransactionRunner> = references.to(given, use);
  return { run: (work) => reference.instance.run(work) };
}
