// What the demo shows: plain text in a pipe, coloured by process in a terminal.
import { styleText } from 'node:util';

/** In a terminal only: a pipe gets plain text, whatever the environment says. */
const isColored = process.stdout.isTTY && !process.env['NO_COLOR'];
const inStyle = (style) => (text) => (isColored ? styleText(style, text) : text);
const colors = {
  bold: inStyle('bold'),
  cyan: inStyle('cyan'),
  dim: inStyle('dim'),
  green: inStyle('green'),
  magenta: inStyle('magenta'),
  red: inStyle('red'),
  white: inStyle('white'),
  yellow: inStyle('yellow'),
};

const COLOR_OF = { http: colors.cyan, worker: colors.green, console: colors.magenta, demo: colors.bold };

/** What Nest tells while it boots. */
export const BOOT_CONTEXTS = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
];

const NEST_LINE = /^\[Nest\] \d+ +- .*? +(LOG|WARN|ERROR|DEBUG|VERBOSE|FATAL) \[([^\]]+)\] (.*)$/;

export class Screen {
  #startedAt = performance.now();
  #hidden;

  /** @param hidden the contexts of the log whose lines are left out. */
  constructor(hidden = BOOT_CONTEXTS) {
    this.#hidden = new Set(hidden);
  }

  heading(text) {
    console.log(`\n${colors.bold(`== ${text}`)}`);
  }

  note(text) {
    this.line('demo', text);
  }

  /** One line of a process, with the seconds since the start. */
  line(source, text) {
    const seconds = `${((performance.now() - this.#startedAt) / 1000).toFixed(2).padStart(6)} s`;
    const paint = COLOR_OF[source] ?? colors.white;
    console.log(`${colors.dim(seconds)}  ${paint(source.padEnd(7))}  ${text}`);
  }

  /** A line of Nest's log without the process id and the date; any other line as it is. */
  log(source, line) {
    const [, level, context, text] = NEST_LINE.exec(line) ?? [];
    if (context === undefined) {
      this.line(source, line);
    } else if (!this.#hidden.has(context)) {
      this.line(source, `${paintOf(level)(context)}  ${text}`);
    }
  }

  print(text) {
    console.log(text);
  }

  check(sentence, isTrue) {
    console.log(`${isTrue ? colors.green('✓') : colors.red('✗')} ${sentence}`);
  }

  failure(text) {
    console.error(`\n${colors.red(colors.bold('Failed:'))} ${text}`);
  }

  success(text) {
    console.log(`\n${colors.green(colors.bold(text))}`);
  }
}

function paintOf(level) {
  return level === 'ERROR' ? colors.red : level === 'WARN' ? colors.yellow : colors.dim;
}
