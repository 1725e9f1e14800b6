// The public API, name by name. A test freezes this list.

// The module
export { MessengerModule } from './module/messenger.module.js';
export type {
  BusOptions,
  InProcessWorkerOptions,
  InstanceOrProvider,
  MessengerAsyncOptions,
  MessengerOptions,
  ProviderToken,
  TransportOptions,
} from './module/messenger-options.js';
export { InjectBus, InjectTransport } from './module/inject.decorators.js';
export { getBusToken, getTransportToken, MESSENGER_CLOCK, MESSENGER_LOGGER } from './module/tokens.js';

// Workers and console commands as programs
export type { ApplicationFactory, ApplicationSource, BootOptions } from './console/application-source.js';
export type { RunOptions } from './console/run-in-process.js';
export { runConsole } from './console/run-console.js';
export { runWorker } from './console/run-worker.js';

// Envelope and stamps
export { Envelope } from './envelope/envelope.js';
export { NonSendableStamp, Stamp } from './envelope/stamp.js';
export type { StampKind, StampType } from './envelope/stamp.js';
export { BusNameStamp } from './stamp/bus-name.stamp.js';
export { ConsumedByWorkerStamp } from './stamp/consumed-by-worker.stamp.js';
export type { Delivery } from './stamp/consumed-by-worker.stamp.js';
export { DeduplicateStamp } from './stamp/deduplicate.stamp.js';
export { DeduplicationLockStamp } from './stamp/deduplication-lock.stamp.js';
export { DelayStamp } from './stamp/delay.stamp.js';
export { DispatchAfterCurrentBusStamp } from './stamp/dispatch-after-current-bus.stamp.js';
export { DuplicateStamp } from './stamp/duplicate.stamp.js';
export { ErrorDetailsStamp } from './stamp/error-details.stamp.js';
export type { FlattenedError } from './stamp/error-details.stamp.js';
export { HandledBeforeStamp } from './stamp/handled-before.stamp.js';
export { HandledStamp } from './stamp/handled.stamp.js';
export { HandlerArgumentsStamp } from './stamp/handler-arguments.stamp.js';
export { MessageDecodingFailedStamp } from './stamp/message-decoding-failed.stamp.js';
export { MessageIdStamp } from './stamp/message-id.stamp.js';
export { OriginStamp } from './stamp/origin.stamp.js';
export { OutboxStamp } from './stamp/outbox.stamp.js';
export { ReceivedStamp } from './stamp/received.stamp.js';
export { RedeliveredStamp } from './stamp/redelivered.stamp.js';
export { RedeliveryStamp } from './stamp/redelivery.stamp.js';
export { SentForRetryStamp } from './stamp/sent-for-retry.stamp.js';
export { SentStamp } from './stamp/sent.stamp.js';
export { SentToFailureTransportStamp } from './stamp/sent-to-failure-transport.stamp.js';
export { SerializedMessageStamp } from './stamp/serialized-message.stamp.js';
export { SerializerStamp } from './stamp/serializer.stamp.js';
export { TransactionStamp } from './stamp/transaction.stamp.js';
export { TransportMessageIdStamp } from './stamp/transport-message-id.stamp.js';
export { TransportNamesStamp } from './stamp/transport-names.stamp.js';
export { ValidationStamp } from './stamp/validation.stamp.js';

// Messages and handlers
export { MessageHandler } from './decorator/message-handler.decorator.js';
export type { HandledTypes, MessageHandlerOptions } from './decorator/handler-metadata.js';
export type { HandlerRegistration } from './discovery/registered-handlers.js';
export { OnMessengerEvent } from './decorator/on-messenger-event.decorator.js';
export { ResetBetweenMessages } from './decorator/reset-between-messages.decorator.js';
export { AsMessage } from './decorator/as-message.decorator.js';
export { AsStamp } from './decorator/as-stamp.decorator.js';
export type { MessageClass } from './message/message-class.js';
export type { MessageOptions } from './message/message-metadata.js';
export { MessageRegistry } from './message/message-registry.js';
export type { EncodedEnvelope } from './message/encoded-envelope.js';
export { RedispatchMessage } from './message/redispatch.message.js';
export { UndecodableMessage } from './message/undecodable-message.js';
export type { Batch, BatchItem } from './handler/batch.js';
export type { HandlerContext } from './handler/handler-context.js';
export type { BatchOptions, HandledType, HandlerOptions } from './handler/handler-descriptor.js';
export type { TransactionRunner } from './inbox/transaction-runner.js';

// Buses
export { Messenger } from './bus/messenger.js';
export { MessageBus } from './bus/message-bus.js';
export { Command, Query } from './bus/query.js';
export { RoutableMessageBus } from './bus/routable-message-bus.js';
export { BusRegistry } from './bus/bus-registry.js';
export type { Route } from './routing/senders-locator.js';

// Middleware
export type { Middleware, Next } from './middleware/middleware.js';
export type { DefaultStampsProvider } from './middleware/add-default-stamps.middleware.js';
export { ValidationMiddleware } from './middleware/validation.middleware.js';
export type { MessageValidator } from './middleware/validation.middleware.js';
export type { StandardSchema } from './middleware/standard-schema.validator.js';

// Retry and failure
export type { RetryStrategy } from './retry/retry-strategy.js';
export { MultiplierRetryStrategy } from './retry/multiplier.retry-strategy.js';
export type { RetryOptions } from './retry/multiplier.retry-strategy.js';
export { FailedMessages } from './failure/failed-messages.js';
export type { FailedMessage } from './failure/failed-messages.js';
export type { FailureOutcome } from './failure/failure-handler.js';

// Serializer
export { JsonSerializer } from './serializer/json.serializer.js';
export type { JsonSerializerDependencies } from './serializer/json.serializer.js';
export type { JsonSerializerOptions } from './serializer/json-serializer-options.js';
export { StampRegistry } from './serializer/stamp-registry.js';
export type { Serializer } from './serializer/serializer.js';
export type {
  SigningKeyOptions,
  SigningOptions,
  TransportSigningOptions,
} from './serializer/signing/signing-options.js';

// Transports: contract, capabilities, and what a transport of your own is made with
export type { GetOptions, Receiver, Sender, SettleResult, Transport } from './transport/transport.js';
export type {
  Blockable,
  Claimable,
  Closeable,
  DeduplicationLocks,
  DeduplicationStore,
  Inbox,
  InboxEntry,
  InboxStore,
  KeepaliveAware,
  Listable,
  LossAware,
  MessageCountAware,
  MessageCounts,
  OutboxQueue,
  OutboxStore,
  Pingable,
  Pushed,
  QueueAware,
  Releasable,
  Requeueable,
  RequeueItem,
  RollEntry,
  RollKeeper,
  Setupable,
  SetupScript,
  SignalAware,
  Transactional,
  WorkerRoll,
} from './transport/capabilities.js';
export { Dsn } from './transport/dsn.js';
export type { Diagnosable } from './transport/diagnosable.js';
export type { Ephemeral } from './transport/ephemeral.js';
export type { Finding, FindingLevel } from './transport/finding.js';
export { Gatherer } from './transport/gatherer.js';
export { read as readOption, resolveOptions } from './transport/options.js';
export type { OptionReader, OptionReaders } from './transport/options.js';
export type {
  ConnectionReference,
  TransportContext,
  TransportFactory,
} from './transport/transport-factory.js';
export { TransportRegistry } from './transport/transport-registry.js';

// Workers
export { Worker } from './worker/worker.js';
export type { WorkerResult } from './worker/worker-result.js';
export { WorkerFactory } from './worker/worker-factory.js';
export type { WorkerOptions } from './worker/worker-options.js';
export { FailedMessageRetrier } from './worker/failed-message-retrier.js';
export type { ManualRetry } from './worker/failed-message-retrier.js';
export { TokenBucketRateLimiter } from './worker/rate-limiter.js';
export type { RateLimiter, RateLimitOptions } from './worker/rate-limiter.js';
export type { Resettable } from './worker/service-resetter.js';
export { StopSignal } from './worker/stop-signal.js';
export { WorkerRolls } from './worker/worker-rolls.js';
export type { Attendance, PresentWorker } from './worker/worker-rolls.js';
export type { PollState } from './worker/poll-record.js';
export type { WorkerDescription } from './worker/worker-description.js';
export type { WorkerState } from './worker/worker-state.js';

// Events
export { MessengerEvents } from './event/messenger-events.js';
export type { EventListener, EventType } from './event/messenger-events.js';
export { MessageSentToTransportsEvent } from './event/message-sent-to-transports.event.js';
export { SendMessageToTransportsEvent } from './event/send-message-to-transports.event.js';
export { WorkerBlockedEvent } from './event/worker-blocked.event.js';
export type { SuspectedMessage } from './event/worker-blocked.event.js';
export { WorkerMessageFailedEvent } from './event/worker-message-failed.event.js';
export { WorkerMessageHandledEvent } from './event/worker-message-handled.event.js';
export { WorkerMessageReceivedEvent } from './event/worker-message-received.event.js';
export { WorkerMessageRetriedEvent } from './event/worker-message-retried.event.js';
export { WorkerMessageSkipEvent } from './event/worker-message-skip.event.js';
export { WorkerRateLimitedEvent } from './event/worker-rate-limited.event.js';
export { WorkerRunningEvent } from './event/worker-running.event.js';
export { WorkerStartedEvent } from './event/worker-started.event.js';
export { WorkerStoppedEvent } from './event/worker-stopped.event.js';
export type { WorkerInfo } from './event/worker-info.js';
export type { LogContext, LogLevel, MessengerLogger } from './event/logger.js';

// Time
export { systemClock } from './envelope/clock.js';
export type { Clock } from './envelope/clock.js';

// Errors
export { AsyncNamesMismatchError } from './errors/async-names-mismatch.error.js';
export { BatchSettledTwiceError } from './errors/batch-settled-twice.error.js';
export { DeduplicationUnavailableError } from './errors/deduplication-unavailable.error.js';
export { DelayedMessageHandlingError } from './errors/delayed-message-handling.error.js';
export { DeliveryLimitError } from './errors/delivery-limit.error.js';
export { DispatchAllAbortedError } from './errors/dispatch-all-aborted.error.js';
export { DuplicateHandlerError } from './errors/duplicate-handler.error.js';
export { DuplicateMessageNameError } from './errors/duplicate-message-name.error.js';
export { DuplicateStampNameError } from './errors/duplicate-stamp-name.error.js';
export { EmptyRouteError } from './errors/empty-route.error.js';
export { HandlerFailedError } from './errors/handler-failed.error.js';
export { HandlerTimeoutError } from './errors/handler-timeout.error.js';
export { HealthReportError } from './errors/health-report.error.js';
export { InvalidDsnError } from './errors/invalid-dsn.error.js';
export { InvalidFailureTransportError } from './errors/invalid-failure-transport.error.js';
export { InvalidMessageError } from './errors/invalid-message.error.js';
export { InvalidMessageSignatureError } from './errors/invalid-message-signature.error.js';
export type { SignatureProblem } from './errors/invalid-message-signature.error.js';
export { InvalidMiddlewareResultError } from './errors/invalid-middleware-result.error.js';
export { InvalidOptionError } from './errors/invalid-option.error.js';
export { InvalidOutboxError } from './errors/invalid-outbox.error.js';
export { InvalidPatternError } from './errors/invalid-pattern.error.js';
export { InvalidRetryStrategyError } from './errors/invalid-retry-strategy.error.js';
export { InvalidStampError } from './errors/invalid-stamp.error.js';
export { InvalidUsageError } from './errors/invalid-usage.error.js';
export { LeaseLostError } from './errors/lease-lost.error.js';
export { MaybeSentError } from './errors/maybe-sent.error.js';
export { MessageDecodingFailedError } from './errors/message-decoding-failed.error.js';
export { MessageEncodingFailedError } from './errors/message-encoding-failed.error.js';
export { MessageNotFoundError } from './errors/message-not-found.error.js';
export { MessageRefusedError } from './errors/message-refused.error.js';
export { MessengerError } from './errors/messenger.error.js';
export { MisplacedHandlerError } from './errors/misplaced-handler.error.js';
export { MissingCapabilityError } from './errors/missing-capability.error.js';
export { MissingDefaultBusError } from './errors/missing-default-bus.error.js';
export { MissingDriverError } from './errors/missing-driver.error.js';
export { MissingMessageIdError } from './errors/missing-message-id.error.js';
export { MissingMethodError } from './errors/missing-method.error.js';
export { ModuleImportedTwiceError } from './errors/module-imported-twice.error.js';
export { ModuleMissingError } from './errors/module-missing.error.js';
export { NextCalledTwiceError } from './errors/next-called-twice.error.js';
export { NoHandlerError } from './errors/no-handler.error.js';
export { NoSenderError } from './errors/no-sender.error.js';
export { ConsumerInUseError } from './errors/consumer-in-use.error.js';
export { NotConsumableError } from './errors/not-consumable.error.js';
export { NotHandledOnceError } from './errors/not-handled-once.error.js';
export { NotReadyError } from './errors/not-ready.error.js';
export { NotTransactionalError } from './errors/not-transactional.error.js';
export { OutboxRefusedError } from './errors/outbox-refused.error.js';
export { PartiallySentError } from './errors/partially-sent.error.js';
export { PromptAbortedError } from './errors/prompt-aborted.error.js';
export { RecoverableError } from './errors/recoverable.error.js';
export { RollUnavailableError } from './errors/roll-unavailable.error.js';
export { StopSignalUnavailableError } from './errors/stop-signal-unavailable.error.js';
export { StopWorkerError } from './errors/stop-worker.error.js';
export { TransactionNotRunError } from './errors/transaction-not-run.error.js';
export { TransactionEndedError } from './errors/transaction-ended.error.js';
export { TransportFullError } from './errors/transport-full.error.js';
export { TransportError } from './errors/transport.error.js';
export { UnknownBusError } from './errors/unknown-bus.error.js';
export { UnknownMessageTypeError } from './errors/unknown-message-type.error.js';
export { UnknownOptionError } from './errors/unknown-option.error.js';
export { UnknownOriginError } from './errors/unknown-origin.error.js';
export { UnknownProviderError } from './errors/unknown-provider.error.js';
export { UnknownSchemeError } from './errors/unknown-scheme.error.js';
export { UnknownTransactionError } from './errors/unknown-transaction.error.js';
export { UnknownTransportError } from './errors/unknown-transport.error.js';
export { UnnamedMessageError } from './errors/unnamed-message.error.js';
export { UnreadableHandledTypeError } from './errors/unreadable-handled-type.error.js';
export { UnrecoverableError } from './errors/unrecoverable.error.js';
export { UnusableTransactionError } from './errors/unusable-transaction.error.js';
export { ValidationFailedError } from './errors/validation-failed.error.js';
export type { Violation } from './errors/validation-failed.error.js';
export { WorkerStoppedError } from './errors/worker-stopped.error.js';
