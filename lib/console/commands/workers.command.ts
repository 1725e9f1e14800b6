import { RollUnavailableError } from '../../errors/roll-unavailable.error.js';
import { asSentence } from '../../failure/as-sentence.js';
import { summarizeError } from '../../failure/flatten-error.js';
import type { PresentWorker } from '../../worker/worker-rolls.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { durationText } from '../duration-text.js';
import { EXIT_CODE } from '../exit-code.js';
import { writeJson } from '../json-output.js';
import { printable } from '../printable.js';
import { writeTable } from '../table.js';

/** `workers`: those of the application that run now, on every host. */
export const workersCommand: ConsoleCommand = {
  name: 'workers',
  summary: 'List the workers that run, on every host',

  define() {},

  async run(context) {
    const { rolls, transports } = context.messenger;
    if (!rolls.isAvailable) {
      throw new RollUnavailableError(transports.names());
    }
    const { workers, errors } = await rolls.attendance();
    const texts = errors.map((error) => asSentence(summarizeError(error).message));
    if (context.format === 'json') {
      writeJson(context.output, {
        workers: workers.map(workerView),
        ...(texts.length > 0 && { errors: texts }),
      });
    } else {
      writeAsText(workers, texts, context);
    }
    return texts.length > 0 ? EXIT_CODE.failed : EXIT_CODE.done;
  },
};

/** One worker as JSON shows it. Durations are in seconds, and as of now: the worker has described itself `seen` ago. */
export function workerView(worker: PresentWorker): Record<string, unknown> {
  const { id, host, pid, transports, queues, concurrency, startedAt, saidAt, polledAt, age } = worker;
  const { inHand, processed, failed, memory, isStopping, reasons } = worker;
  return {
    id,
    host,
    pid,
    transports,
    queues,
    concurrency,
    startedAt: new Date(startedAt),
    uptime: inSeconds(saidAt - startedAt + age),
    inHand,
    processed,
    failed,
    memory,
    lastPoll: Object.fromEntries(
      Object.entries(polledAt).map(([name, at]) => [name, at === null ? null : inSeconds(saidAt - at + age)]),
    ),
    isStopping,
    reasons,
    seen: inSeconds(age),
  };
}

function writeAsText(
  workers: readonly PresentWorker[],
  errors: readonly string[],
  { output }: CommandContext,
): void {
  if (workers.length > 0) {
    writeTable(output, {
      head: ['Host', 'Process', 'Transports', 'Uptime', 'In hand', 'Memory', 'Last poll', 'Seen'],
      rows: workers.map((worker) => [
        worker.host,
        String(worker.pid),
        worker.transports.join(', '),
        durationText(worker.saidAt - worker.startedAt + worker.age),
        `${worker.inHand} of ${worker.concurrency}`,
        `${Math.round(worker.memory / 1024 / 1024)}M`,
        lastPollText(worker),
        `${durationText(worker.age)} ago`,
      ]),
    });
    output.write('A worker that was killed is listed for up to 45 seconds more.\n');
  } else if (errors.length === 0) {
    output.write('No worker runs.\n');
  }
  for (const worker of workers) {
    worker.reasons.forEach((reason) => output.write(`${worker.host}, ${worker.pid}: ${printable(reason)}\n`));
  }
  errors.forEach((text) => output.writeError(`The list may be incomplete. ${printable(text)}\n`));
}

/** That of the transport which answered last. */
function lastPollText({ polledAt, saidAt, age }: PresentWorker): string {
  const times = Object.values(polledAt).filter((at) => at !== null);
  return times.length === 0 ? 'never' : `${durationText(saidAt - Math.max(...times) + age)} ago`;
}

function inSeconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}
