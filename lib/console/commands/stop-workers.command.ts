import { RollUnavailableError } from '../../errors/roll-unavailable.error.js';
import { StopSignalUnavailableError } from '../../errors/stop-signal-unavailable.error.js';
import { asSentence } from '../../failure/as-sentence.js';
import { summarizeError } from '../../failure/flatten-error.js';
import { awaitDeparture, type Departure } from '../../worker/departure.js';
import type { StopSignal } from '../../worker/stop-signal.js';
import type { PresentWorker } from '../../worker/worker-rolls.js';
import type { CommandContext, ConsoleCommand } from '../command.js';
import { EXIT_CODE, type ExitCode } from '../exit-code.js';
import { writeJson } from '../json-output.js';
import { seconds } from '../option-values.js';
import { printable } from '../printable.js';
import { workerView } from './workers.command.js';

/** Longer than the grace period of a worker, and than what a killed one is listed for. */
const WAIT_MS = 60_000;

/** The options of `stop-workers` as commander hands them over. */
export interface StopWorkersOptions {
  /** `--wait`: true. `--wait=N`: N. */
  readonly wait?: true | string;
}

/** `stop-workers`: every worker that runs now finishes what it has in hand and ends. Somebody else starts new ones. */
export const stopWorkersCommand: ConsoleCommand<StopWorkersOptions> = {
  name: 'stop-workers',
  summary: 'Stop all workers after the messages they have in hand',

  define(line) {
    line.option(
      '--wait [seconds]',
      'return when they are gone, or after this time with code 1 (default: 60)',
    );
  },

  async run(context) {
    const { wait } = context.options;
    const limit = wait === undefined || wait === true ? WAIT_MS : seconds('wait', wait);
    const { stopSignal, transports, rolls } = context.messenger;
    if (!stopSignal.isAvailable) {
      throw new StopSignalUnavailableError(transports.names());
    }
    if (wait !== undefined && !rolls.isAvailable) {
      throw new RollUnavailableError(transports.names());
    }
    const before = wait === undefined ? [] : (await rolls.attendance()).workers;
    await stopSignal.request();
    if (wait !== undefined) {
      return waitForThem(before, limit, context);
    }
    if (context.format === 'json') {
      writeJson(context.output, { requestedAt: await requestedAt(stopSignal) });
    } else {
      context.output.write('The workers that run now were asked to stop.\n');
    }
    return EXIT_CODE.done;
  },
};

async function waitForThem(
  before: readonly PresentWorker[],
  limit: number,
  { messenger, output, format }: CommandContext,
): Promise<ExitCode> {
  const at = await requestedAt(messenger.stopSignal);
  if (format === 'text') {
    output.write(`The workers that run now were asked to stop. Waiting for ${limit / 1000} s at the most.\n`);
  }
  const since = at?.getTime() ?? Date.now();
  const departure = await awaitDeparture(messenger.rolls, { requestedAt: since, limit, before });
  const errors = departure.errors.map((error) => asSentence(summarizeError(error).message));
  if (format === 'json') {
    const { gone, remaining } = departure;
    writeJson(output, {
      requestedAt: at,
      gone,
      remaining: remaining.map(workerView),
      ...(errors.length > 0 && { errors }),
    });
  } else {
    output.write(`${textOf(departure)}\n`);
    errors.forEach((text) => output.writeError(`Not all workers are known. ${printable(text)}\n`));
  }
  return departure.remaining.length + errors.length > 0 ? EXIT_CODE.failed : EXIT_CODE.done;
}

function textOf({ gone, remaining, errors }: Departure): string {
  if (remaining.length > 0) {
    const names = remaining.map(({ host, pid }) => `process ${pid} on host "${host}"`);
    return `${gone.length} worker(s) are gone. Still there: ${names.join(', ')}.`;
  }
  return errors.length > 0
    ? `${gone.length} worker(s) are gone.`
    : `They are gone: ${gone.length} worker(s).`;
}

async function requestedAt(stopSignal: Pick<StopSignal, 'requestedAt'>): Promise<Date | null> {
  const time = await stopSignal.requestedAt();
  return time === undefined ? null : new Date(time);
}
