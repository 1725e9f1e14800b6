import type { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../envelope/clock.js';
import type { Envelope } from '../envelope/envelope.js';
import type { MessengerLogger } from '../event/logger.js';
import type { MessengerEvents } from '../event/messenger-events.js';
import type { HandlerRunner } from '../handler/handler-runner.js';
import type { BackgroundTask, TaskListener } from './background-task.js';
import type { MessageProcessor } from './message-processor.js';
import type { FeedListener, ReceiverFeed } from './receiver-feed.js';
import type { RollCall } from './roll-call.js';
import type { ServiceResetter } from './service-resetter.js';
import type { StopCondition } from './stop-conditions.js';
import type { StopSignal } from './stop-signal.js';
import type { ResolvedWorkerOptions } from './worker-options.js';

/** What a `Worker` is made of; see `WorkerFactory`. */
export interface WorkerParts {
  /** Unique for each run: host, process id and a random part. */
  readonly id: string;
  readonly options: ResolvedWorkerOptions;
  /** Whatever it is started in, a request or a transaction, is over long before it ends; so it runs in the context of none. */
  readonly context: AsyncResource;
  /** Makes the feeds, in order of priority. */
  readonly createFeeds: (listener: FeedListener) => readonly ReceiverFeed[];
  /** Makes what goes on beside the messages: the relays of outboxes. */
  readonly createTasks: (listener: TaskListener) => readonly BackgroundTask[];
  readonly processor: MessageProcessor;
  readonly runner: HandlerRunner;
  readonly resetter: ServiceResetter;
  readonly stopConditions: readonly StopCondition[];
  readonly stopSignal: StopSignal;
  readonly rollCall: RollCall;
  /** The names of the handlers that a message from a transport has. */
  readonly handlerNamesOf: (received: Envelope, transportName: string) => readonly string[];
  readonly events: MessengerEvents;
  readonly logger: MessengerLogger;
  readonly clock: Clock;
}
