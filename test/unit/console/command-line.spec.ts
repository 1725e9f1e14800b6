import { describe, expect, it } from 'vitest';
import { parseCommandLine, type ParsedCommandLine } from '../../../lib/console/command-line.js';
import { consumeCommand } from '../../../lib/console/commands/consume.command.js';
import { CONSOLE_COMMANDS } from '../../../lib/console/run-console.js';
import { MemoryOutput } from './support/memory-output.js';

const WORKER = { name: 'node dist/worker.js', description: 'A worker.', commands: consumeCommand };
const CONSOLE = { name: 'node dist/messenger.js', description: 'A console.', commands: CONSOLE_COMMANDS };

function parse(program: typeof WORKER | typeof CONSOLE, ...argv: string[]) {
  const output = new MemoryOutput();
  const result = parseCommandLine(program, argv, output);
  return { result, parsed: result as ParsedCommandLine, output };
}

describe('a command line', () => {
  it('of a worker has receivers and options', () => {
    const { parsed } = parse(WORKER, 'high', 'low', '-l', '5', '--queues=a', '--queues', 'b', '-c4', '--all');

    expect(parsed.command).toBe(consumeCommand);
    expect(parsed.args).toEqual(['high', 'low']);
    expect(parsed.options).toMatchObject({ limit: '5', queues: ['a', 'b'], concurrency: '4', all: true });
  });

  it('of the console begins with a command', () => {
    const { parsed } = parse(CONSOLE, 'failed:show', '7', '--transport', '--max=5');

    expect([parsed.command.name, parsed.args]).toEqual(['failed:show', ['7']]);
    expect(parsed.options).toEqual({ transport: true, max: '5', verbose: undefined });
  });

  it.each([
    [[], 'normal'],
    [['-q'], 'quiet'],
    [['-v'], 'verbose'],
    [['-vv'], 'very-verbose'],
    [['-v', '--verbose'], 'very-verbose'],
    [['-vvv'], 'very-verbose'],
    [['-vq'], 'quiet'],
  ])('tells how much to tell: %j', (argv, verbosity) => {
    expect(parse(WORKER, ...argv).parsed.verbosity).toBe(verbosity);
  });

  it('tells the options with an optional value apart', () => {
    const read = (...argv: string[]) => parse(WORKER, ...argv).parsed.options;

    expect(read()).toMatchObject({ reset: true });
    expect(read('--no-reset', '--keepalive')).toMatchObject({ reset: false, keepalive: true });
    expect(read('--no-reset=100', '--keepalive=5')).toMatchObject({ reset: '100', keepalive: '5' });
  });

  it.each([
    [['help', 'stats'], 0, 'Usage: node dist/messenger.js stats'],
    [['help'], 0, 'Usage: node dist/messenger.js [options] [command]'],
    [['help', 'stat'], 2, 'Did you mean stats?'],
    [['--version'], 0, /^\d+\.\d+\.\d+\S*\n$/],
  ])('of the console may ask for help or the version: %j', (argv, exitCode, text) => {
    const { result, output } = parse(CONSOLE, ...argv);

    expect(result).toBe(exitCode);
    expect(`${output.stdout}${output.stderr}`).toMatch(
      typeof text === 'string' ? new RegExp(text.replaceAll(/[[\].?]/g, '\\$&')) : text,
    );
  });

  it('may ask for JSON, for text by either name, and for no questions', () => {
    const read = (...argv: string[]) => parse(CONSOLE, 'stats', ...argv).parsed;

    expect(read()).toMatchObject({ format: 'text', mayAsk: true });
    expect(read('--format=json', '-n')).toMatchObject({ format: 'json', mayAsk: false });
    expect(read('--format=txt').format).toBe('text');
  });

  it.each([
    [['--limt', '3'], 'Unknown option "--limt". Did you mean --limit?'],
    [['--limit'], 'Option "-l, --limit <n>" argument missing.'],
    [['--format=xml'], 'Option "--format" must be "text" or "json", "xml" passed.'],
  ])('that is wrong is reported and ends with 2: %j', (argv, text) => {
    const { result, output } = parse(WORKER, ...argv);

    expect(result).toBe(2);
    expect(output.stderr).toBe(`${text} See "node dist/worker.js --help".\n`);
    expect(output.stdout).toBe('');
  });

  it('with an unknown command gets a suggestion', () => {
    const { result, output } = parse(CONSOLE, 'stast');

    expect(result).toBe(2);
    expect(output.stderr).toBe(
      'Unknown command "stast". Did you mean stats? See "node dist/messenger.js --help".\n',
    );
  });

  it('that is wrong after the command refers to the help of that command', () => {
    expect(parse(CONSOLE, 'stats', '--al').output.stderr).toContain(
      'See "node dist/messenger.js stats --help".',
    );
  });

  it('with too many arguments is refused', () => {
    expect(parse(CONSOLE, 'stop-workers', 'now').result).toBe(2);
  });

  it('asking for help gets it, and ends with 0', () => {
    const { result, output } = parse(CONSOLE, 'failed:retry', '--help');

    expect(result).toBe(0);
    expect(output.stdout).toMatch(/Usage: node dist\/messenger\.js failed:retry \[options\] \[ids\.\.\.\]/);
    expect(output.stderr).toBe('');
  });

  it('that is empty lists the commands of the console', () => {
    const { result, output } = parse(CONSOLE);

    expect(result).toBe(0);
    for (const { name, summary } of CONSOLE_COMMANDS) {
      expect(output.stdout).toMatch(new RegExp(`^  ${name} .*`, 'm'));
      expect(output.stdout.replaceAll(/\s+/g, ' ')).toContain(summary);
    }
  });
});
