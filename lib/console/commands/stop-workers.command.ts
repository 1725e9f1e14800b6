import { StopSignalUnavailableError } from '../../errors/stop-signal-unavailable.error.js';
import type { ConsoleCommand } from '../command.js';
import { EXIT_CODE } from '../exit-code.js';
import { writeJson } from '../json-output.js';

/** `stop-workers`: every worker that runs now finishes what it has in hand and ends. Somebody else starts new ones. */
export const stopWorkersCommand: ConsoleCommand = {
  name: 'stop-workers',
  summary: 'Stop all workers after the messages they have in hand',

  define() {},

  async run({ messenger, output, format }) {
    const { stopSignal, transports } = messenger;
    if (!stopSignal.isAvailable) {
      throw new StopSignalUnavailableError(transports.names());
    }
    await stopSignal.request();
    if (format === 'json') {
      writeJson(output, { requestedAt: await requestedAt(stopSignal) });
    } else {
      output.write('The workers that run now were asked to stop.\n');
    }
    return EXIT_CODE.done;
  },
};

async function requestedAt(stopSignal: { requestedAt(): Promise<number | undefined> }): Promise<Date | null> {
  const time = await stopSignal.requestedAt();
  return time === undefined ? null : new Date(time);
}
