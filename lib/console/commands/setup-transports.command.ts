import { summarizeError } from '../../failure/flatten-error.js';
import { isSetupable } from '../../transport/capabilities.js';
import type { Transport } from '../../transport/transport.js';
import type { ConsoleCommand } from '../command.js';
import { EXIT_CODE } from '../exit-code.js';
import { writeJson } from '../json-output.js';
import { knownName } from '../known-names.js';
import type { Output } from '../output.js';
import { printable } from '../printable.js';
import { printSetupScripts } from '../setup-scripts.js';

/** What came of setting one transport up. */
interface Setup {
  readonly name: string;
  /** The transport that keeps the outbox of `name`, if that is what was set up. */
  readonly outbox?: string;
  readonly status: 'ready' | 'nothing to set up' | 'failed';
  readonly error?: string;
}

interface Options {
  readonly sql?: boolean;
}

/** `setup-transports [name]`: creates tables, streams, queues, and upgrades them. */
export const setupTransportsCommand: ConsoleCommand<Options> = {
  name: 'setup-transports',
  summary: 'Create and upgrade what the transports need in their brokers',

  define(line) {
    line
      .argument('[name]', 'only this transport')
      .option('--sql', 'print the statements that would create the tables, and connect to nothing');
  },

  async run({ messenger: { transports, outboxes }, args: [name], options, output, format }) {
    const names =
      name === undefined ? transports.names() : [knownName('transport', name, transports.names())];
    if (options.sql === true) {
      return printSetupScripts(names, transports, output, format);
    }
    const setups: Setup[] = [];
    for (const each of names) {
      setups.push({ name: each, ...(await setUp(transports.get(each))) });
      const outbox = outboxes.of(each);
      if (outbox !== undefined) {
        setups.push({ name: each, outbox: outbox.storeName, ...(await setUp(outbox.queue)) });
      }
    }
    if (format === 'json') {
      writeJson(output, { transports: setups });
    } else {
      setups.forEach((setup) => writeSetup(output, setup));
    }
    return setups.some(({ status }) => status === 'failed') ? EXIT_CODE.failed : EXIT_CODE.done;
  },
};

/** One that fails does not keep the others from being set up. */
async function setUp(transport: Transport): Promise<Pick<Setup, 'status' | 'error'>> {
  if (!isSetupable(transport)) {
    return { status: 'nothing to set up' };
  }
  try {
    await transport.setup();
    return { status: 'ready' };
  } catch (error) {
    return { status: 'failed', error: summarizeError(error).message };
  }
}

function writeSetup(output: Output, { name, outbox, status, error }: Setup): void {
  const subject = outbox === undefined ? `Transport "${name}"` : `Outbox of "${name}" in "${outbox}"`;
  if (error === undefined) {
    output.write(`${subject}: ${status}.\n`);
  } else {
    const failed = outbox === undefined ? `"${name}"` : `the outbox of "${name}" in "${outbox}"`;
    output.writeError(`Could not set up ${failed}. ${printable(error)}\n`);
  }
}
