import { InvalidUsageError } from '../../errors/invalid-usage.error.js';
import { NotConsumableError } from '../../errors/not-consumable.error.js';
import type { Worker } from '../../worker/worker.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { type ConsumeOptions, type ConsumeRequest, readConsumeRequest } from '../consume-request.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import { startHealthReports } from '../health-reports.js';
import { knownName } from '../known-names.js';
import type { MessengerServices } from '../messenger-services.js';
import { receiversRequired, selectReceivers } from '../receiver-selection.js';

/** `consume`: a worker. */
export const consumeCommand: ConsoleCommand<ConsumeOptions> = {
  name: 'consume',
  summary: 'Consume messages until told to stop',
  runsHandlers: true,
  printsLog: true,

  define(line) {
    const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
      ...previous,
      value,
    ];
    line
      .argument('[receivers...]', 'transports to consume, the first having the highest priority')
      .option('-l, --limit <n>', 'stop after this many messages')
      .option('-f, --failure-limit <n>', 'stop after this many failures')
      .option('-m, --memory-limit <size>', 'stop when the process occupies more memory, e.g. 128M')
      .option('-t, --time-limit <seconds>', 'stop after this time')
      .option('--sleep <seconds>', 'how long to wait for messages at a time (default: 1)')
      .option('-b, --bus <name>', 'dispatch on this bus, whatever bus a message names')
      .option('--queues <name>', 'consume only this queue of the transports (repeat it for more)', collect)
      .option('--no-reset [n]', 'do not reset services after messages; =n: only after every n')
      .option('--all', 'consume all transports')
      .option(
        '--exclude-receivers <name>',
        'with --all: leave this transport out (repeat it for more)',
        collect,
      )
      .option('--keepalive [seconds]', 'time between two signs of life for messages in hand')
      .option('--fetch-size <n>', 'fetch at the most this many messages at a time')
      .option('-c, --concurrency <n>', 'messages handled at the same time (default: 1)')
      .option('--grace <seconds>', 'when stopping, wait this long for running handlers (default: 30)')
      .option(
        '--block-warning <seconds>',
        'tell when the event loop has stood still for so long (default: 5)',
      )
      .option('--health-file <path>', 'write this file every 5 seconds while the worker is alive')
      .option('--health-port <port>', 'answer GET /live and GET /ready on this port')
      .option('--health-host <address>', 'with --health-port: the address to listen on (default: 127.0.0.1)');
  },

  async run(context) {
    const request = readConsumeRequest(context.args, context.options);
    return consume(request, await chooseReceivers(request, context), context);
  },
};

async function chooseReceivers(
  { receivers }: ConsumeRequest,
  { messenger, prompt }: CommandContext,
): Promise<readonly string[]> {
  const transports = [...messenger.options.transports.values()];
  const consumable = transports.filter(({ isSync }) => !isSync).map(({ name }) => name);
  const others = transports.filter(({ isSync }) => isSync).map(({ name }) => name);
  const selected = selectReceivers(receivers, consumable, others);
  if (selected !== undefined) {
    return selected;
  }
  if (!prompt.isInteractive) {
    throw receiversRequired(consumable);
  }
  return prompt.chooseSeveral('Which receivers shall be consumed?', consumable);
}

async function consume(
  request: ConsumeRequest,
  receivers: readonly string[],
  { messenger, signals }: CommandContext,
): Promise<ExitCode> {
  const worker = createWorker(request, receivers, messenger);
  const stopReports = await startHealthReports(request.health, worker, messenger.logger);
  signals.onStop((signal) => worker.stop(`signal ${signal}`));
  try {
    await worker.run();
  } finally {
    await stopReports();
  }
  return EXIT_CODE.done;
}

function createWorker(
  { worker: options, bus }: ConsumeRequest,
  receivers: readonly string[],
  { workers, buses }: MessengerServices,
): Worker {
  const fixedBus = bus === undefined ? undefined : buses.get(knownName('bus', bus, buses.names()));
  try {
    return workers.create(receivers, options, fixedBus);
  } catch (error) {
    throw error instanceof NotConsumableError ? new InvalidUsageError(error.message) : error;
  }
}
