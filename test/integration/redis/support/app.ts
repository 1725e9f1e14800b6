import { onTestFinished } from 'vitest';
import { systemClock } from '../../../../lib/envelope/clock.js';
import { Envelope } from '../../../../lib/envelope/envelope.js';
import type { Stamp } from '../../../../lib/envelope/stamp.js';
import type { LogLevel } from '../../../../lib/event/logger.js';
import { MessageRegistry } from '../../../../lib/message/message-registry.js';
import { MultiplierRetryStrategy } from '../../../../lib/retry/multiplier.retry-strategy.js';
import { JsonSerializer } from '../../../../lib/serializer/json.serializer.js';
import { StampRegistry } from '../../../../lib/serializer/stamp-registry.js';
import { TransportNamesStamp } from '../../../../lib/stamp/transport-names.stamp.js';
import { Dsn } from '../../../../lib/transport/dsn.js';
import { RedisTransportFactory } from '../../../../lib/transports/redis/redis.transport-factory.js';
import type { RedisTransport } from '../../../../lib/transports/redis/redis.transport.js';
import type { Worker } from '../../../../lib/worker/worker.js';
import type { WorkerOptions } from '../../../../lib/worker/worker-options.js';
import { createCore, handler, RecordingLogger } from '../../../fixtures/core.js';
import { eventually } from './eventually.js';

/** What tests send. */
export class Job {
  constructor(readonly text: string) {}
}

type Options = Readonly<Record<string, unknown>>;

export interface AppSetup {
  /** The DSN of the transport "async". */
  readonly dsn: string;
  /** Those of further transports, by their names. */
  readonly others?: Readonly<Record<string, string>>;
  /** Of all transports. Times are short unless they say otherwise. */
  readonly options?: Options;
  /** What is done with a job. @default nothing */
  readonly handle?: (text: string) => unknown;
}

/** A tenth of what they are in production, so that a test need not wait. */
const QUICK: Options = { timeout: 0.5, readTimeout: 0.5, retryInterval: 20 };

/** An application as one process runs it, with transports on real servers. Everything ends with the test. */
export function startApp({ dsn, others = {}, options = {}, handle = () => undefined }: AppSetup) {
  const logger = new RecordingLogger();
  const handled: string[] = [];
  const transports = openTransports({ async: dsn, ...others }, { ...QUICK, ...options }, logger);
  const core = createCore({
    transports,
    clock: systemClock,
    routes: [[Job, 'async']],
    handlers: [
      handler<Job>('handle', Job, async ({ text }) => {
        await handle(text);
        handled.push(text);
      }),
    ],
    policies: { async: { retryStrategy: new MultiplierRetryStrategy({ delay: 10, jitter: 0 }) } },
  });
  return {
    transports,
    /** The transport "async". */
    transport: transports['async'] as RedisTransport,
    /** The texts of the jobs that were handled, in order. */
    handled,
    core,

    async dispatch(text: string, ...stamps: readonly Stamp[]): Promise<void> {
      await core.bus.dispatch(new Envelope<object>(new Job(text), stamps));
    },

    /** A stamp that sends a job to the transport of this name. */
    to: (name: string): readonly Stamp[] => [new TransportNamesStamp([name])],

    /** A worker on these transports that runs until it is stopped. */
    work(worker: WorkerOptions = {}, receivers: readonly string[] = Object.keys(transports)): RunningWorker {
      return new RunningWorker(core.workers.create(receivers, { sleep: 300, grace: 2000, ...worker }));
    },

    async handles(text: string, deadline?: number): Promise<void> {
      await eventually(`"${text}" was handled`, () => handled.includes(text), deadline);
    },

    /** What the transports and the workers said. */
    log(level: LogLevel): readonly string[] {
      return [...logger.texts(level), ...core.logger.texts(level)];
    },
  };
}

export type App = ReturnType<typeof startApp>;

/** A worker, and how it ended. */
export class RunningWorker {
  readonly #worker: Worker;
  readonly ended: ReturnType<Worker['run']>;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.ended = worker.run();
    // Who awaits the end hears of it.
    this.ended.catch(() => undefined);
    onTestFinished(() =>
      this.stop().then(
        () => undefined,
        () => undefined,
      ),
    );
  }

  /** Resolves, when it has ended, with the milliseconds that took. */
  async stop(): Promise<number> {
    const before = performance.now();
    this.#worker.stop('the test says so');
    await this.ended;
    return performance.now() - before;
  }
}

function openTransports(
  dsns: Readonly<Record<string, string>>,
  options: Options,
  logger: RecordingLogger,
): Readonly<Record<string, RedisTransport>> {
  const registry = new MessageRegistry();
  registry.register(Job);
  const serializer = new JsonSerializer({ registry, stamps: new StampRegistry() });
  const factory = new RedisTransportFactory({ env: {} });
  const opened = Object.entries(dsns).map(([transportName, dsn]) => {
    const transport = factory.create(new Dsn(dsn, transportName), options, {
      transportName,
      serializer,
      logger,
    });
    onTestFinished(() => transport.close());
    return [transportName, transport] as const;
  });
  return Object.fromEntries(opened);
}
