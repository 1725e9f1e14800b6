import type { DescribedHandler } from '../application-description.js';
import type { ConsoleCommand } from '../command.js';
import { EXIT_CODE } from '../exit-code.js';
import {
  type ExplainedMiddleware,
  type ExplainedTransport,
  explain,
  type Explanation,
} from '../explanation.js';
import { conditionsOf } from '../handler-conditions.js';
import { writeJson } from '../json-output.js';
import type { Output } from '../output.js';

interface Options {
  readonly bus?: string;
}

/** `explain <type>`: what will happen to a message that is dispatched. */
export const explainCommand: ConsoleCommand<Options> = {
  name: 'explain',
  summary: 'Tell what happens to a message: middleware, transports, handlers, retries',

  define(line) {
    line
      .argument('<type>', 'the name of the message, or of its class')
      .option('-b, --bus <name>', 'as dispatched on this bus');
  },

  async run({ messenger, args: [type = ''], options: { bus }, output, format }) {
    const explanation = await explain(messenger, type, bus);
    if (format === 'json') {
      writeJson(output, explanation);
    } else {
      writeExplanation(output, explanation);
    }
    return EXIT_CODE.done;
  },
};

function writeExplanation(output: Output, explanation: Explanation): void {
  const { message, bus, otherBuses, middleware, atOnce, transports, allowNoHandlers } = explanation;
  const nobody = allowNoHandlers ? 'no handler, which this bus allows' : 'no handler, so it fails';
  const isClass = explanation.class === message;
  output.write(`${message}${isClass ? '' : ` (class ${explanation.class})`}\n\n`);
  output.write(`Dispatched on bus "${bus}", it passes through these middleware:\n`);
  writeNumbered(output, middlewareLines(middleware));
  for (const transport of transports) {
    writeTransport(output, transport, nobody);
  }
  if (atOnce !== null) {
    output.write('\nHandled at once:\n');
    writeHandlers(output, atOnce.handlers, nobody);
    writeSentences(output, atOnce.guarantee);
  }
  if (transports.length > 1) {
    output.write(
      '\nSent to several transports: dispatch rejects when one refuses it, and those before have it.\n',
    );
  }
  for (const other of otherBuses) {
    output.write(`\nBus "${other}" has handlers for it as well: see --bus=${other}.\n`);
  }
}

function writeTransport(
  output: Output,
  { name, dsn, handlers, retry, guarantee }: ExplainedTransport,
  nobody: string,
): void {
  output.write(`\nSent to "${name}" (${dsn}). A worker runs the same middleware, then:\n`);
  writeHandlers(output, handlers, nobody);
  const who = handlers.length > 1 ? 'only the handlers that failed run again' : 'it runs again';
  output.write(
    retry.retries === 0
      ? `If it fails: ${retry.text}.\n`
      : `If it fails, ${who} ${retry.retries === null && retry.after.length === 0 ? '' : 'after '}${retry.text}.\n`,
  );
  writeSentences(output, guarantee);
}

function middlewareLines(middleware: readonly ExplainedMiddleware[]): readonly string[] {
  const width = Math.max(0, ...middleware.map(({ name }) => name.length));
  return middleware.map(({ name, meaning }) => `${name.padEnd(width)}  ${meaning ?? 'of the application'}`);
}

function writeHandlers(output: Output, handlers: readonly DescribedHandler[], nobody: string): void {
  if (handlers.length === 0) {
    output.write(`  ${nobody}\n`);
  }
  writeNumbered(
    output,
    handlers.map((handler) => [handler.name, conditionsOf(handler)].filter((text) => text !== '').join('  ')),
  );
}

function writeNumbered(output: Output, lines: readonly string[]): void {
  lines.forEach((line, index) => output.write(`${String(index + 1).padStart(3)}. ${line}\n`));
}

function writeSentences(output: Output, sentences: readonly string[]): void {
  output.write('Guarantee:\n');
  sentences.forEach((sentence) => output.write(`  - ${sentence}\n`));
}
