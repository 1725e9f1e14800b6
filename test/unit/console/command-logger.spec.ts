import { Logger } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CommandLogger, type CommandLoggerOptions } from '../../../lib/console/command-logger.js';
import { MemoryOutput } from './support/memory-output.js';

function setup(options: Partial<CommandLoggerOptions> = {}): { logger: CommandLogger; output: MemoryOutput } {
  const output = new MemoryOutput();
  const logger = new CommandLogger({
    output,
    format: 'text',
    verbosity: 'normal',
    isAside: false,
    ...options,
  });
  return { logger, output };
}

/** The lines, without the beginning that differs from run to run. */
const textOf = (output: string): string => output.replaceAll(/^\[Nest\] \d+ +- .*?(?= {2,}[A-Z]+ )/gm, '');

describe('the log of a process', () => {
  it('is Nest’s usual text, a line each, errors on the error stream', () => {
    const { logger, output } = setup();

    logger.log('booted', 'AppModule');
    logger.warn('careful', 'AppModule');
    logger.error('broken', 'Error: broken\n    at x', 'AppModule');

    expect(textOf(output.stdout)).toBe('     LOG [AppModule] booted\n    WARN [AppModule] careful\n');
    expect(textOf(output.stderr)).toBe('   ERROR [AppModule] broken\n');
  });

  it.each([
    ['quiet', ['error']],
    ['normal', ['error', 'warn', 'log']],
    ['verbose', ['error', 'warn', 'log', 'debug']],
    ['very-verbose', ['error', 'warn', 'log', 'debug', 'verbose']],
  ] as const)('shows as much as is asked for: %s', (verbosity, expected) => {
    const { logger, output } = setup({ verbosity });

    for (const level of ['error', 'warn', 'log', 'debug', 'verbose'] as const) {
      logger[level](`a line at ${level}`, 'Test');
    }

    const shown = `${output.stderr}${output.stdout}`.match(/(?<=a line at )\w+/g);
    expect(shown).toEqual(expected);
    expect(logger.forMessenger.enabled('debug')).toBe(expected.length > 3);
    expect(logger.forMessenger.enabled('info')).toBe(expected.length > 2);
  });

  it('of a command that prints a result keeps aside, and to what matters', () => {
    const { logger, output } = setup({ isAside: true });

    logger.log('of no interest', 'Test');
    logger.warn('of interest', 'Test');

    expect(output.stdout).toBe('');
    expect(textOf(output.stderr)).toBe('    WARN [Test] of interest\n');
  });

  it('never has what Nest tells of its boot beside a result', () => {
    const shownWith = (isAside: boolean): string => {
      const { logger, output } = setup({ verbosity: 'very-verbose', isAside });
      logger.log('AppModule dependencies initialized', 'InstanceLoader');
      logger.log('of the application', 'Shop');
      return textOf(`${output.stdout}${output.stderr}`);
    };

    expect(shownWith(true)).toBe('     LOG [Shop] of the application\n');
    expect(shownWith(false)).toContain('[InstanceLoader]');
  });

  it('keeps the fields of a line on that line', () => {
    const { logger, output } = setup();
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];

    logger.log({ a: { b: { c: { d: 1 } } }, numbers }, 'Shop');

    expect(output.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(output.stdout).toContain('numbers: [ 1, 2, 3, 4, 5, 6, 7, 8, 9 ]');
  });

  it('leaves out what Nest tells of its boot, and the boot error, which is reported elsewhere', () => {
    const { logger, output } = setup();

    logger.log('AppModule dependencies initialized', 'InstanceLoader');
    logger.error(new Error('cannot boot'), undefined, 'ExceptionHandler');
    logger.warn('a warning of Nest', 'InstanceLoader');

    expect(textOf(output.stdout)).toBe('    WARN [InstanceLoader] a warning of Nest\n');
    expect(output.stderr).toBe('');
  });

  it('tells the reason of an error that the line does not have, and its stacks only if asked', () => {
    const error = new Error('disk full', { cause: new TypeError('ENOSPC') });
    const brief = setup();
    const detailed = setup({ verbosity: 'very-verbose' });

    for (const { logger } of [brief, detailed]) {
      logger.forMessenger.log('error', 'Could not send.', { error, attempt: 2 });
    }

    expect(textOf(brief.output.stderr)).toBe('   ERROR [Messenger] Could not send. disk full\n');
    expect(detailed.output.stderr).toMatch(
      /Could not send\. disk full \{ attempt: 2 \}\nError: disk full\n +at /,
    );
    expect(detailed.output.stderr).toMatch(/\nCaused by: TypeError: ENOSPC\n +at /);
  });

  it('stays one line, whatever a message holds', () => {
    const { logger, output } = setup();

    logger.forMessenger.log('warn', 'Failed: one\n  [Nest] 1 forged\u001b[2K\rline');

    expect(textOf(output.stdout)).toBe('    WARN [Messenger] Failed: one [Nest] 1 forged\\x1b[2K\\x0dline\n');
  });

  it('shows the objects that the application logs', () => {
    const { logger, output } = setup();

    logger.log({ order: 7 }, 'Shop');

    expect(textOf(output.stdout)).toBe('     LOG [Shop] { order: 7 }\n');
  });
});

describe('the log of a process in JSON', () => {
  const linesOf = (output: MemoryOutput): readonly unknown[] =>
    output.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;

  it('is one object a line on standard output, errors included', () => {
    const { logger, output } = setup({ format: 'json' });
    const error = Object.assign(new TypeError('no such column'), { code: 'E42' });

    logger.log('booted', 'AppModule');
    logger.forMessenger.log('error', 'It failed\ntwice.', { error, transport: 'async', level: 'forged' });

    expect(linesOf(output)).toEqual([
      { time, level: 'info', context: 'AppModule', message: 'booted' },
      {
        time,
        level: 'error',
        context: 'Messenger',
        message: 'It failed twice.',
        transport: 'async',
        error: {
          name: 'TypeError',
          message: 'no such column',
          code: 'E42',
          stack: expect.any(String) as string,
        },
      },
    ]);
    expect(output.stderr).toBe('');
  });

  it('has the error and the fields that were given to Nest’s logger', () => {
    const { logger, output } = setup({ format: 'json' });
    Logger.overrideLogger(logger);
    try {
      new Logger('Shop').error('No stock', 'RangeError: none left\n    at x');
      new Logger('Shop').error(new TypeError('odd'));
      new Logger('Shop').warn({ order: 7 });
    } finally {
      Logger.overrideLogger(false);
    }

    expect(linesOf(output)).toMatchObject([
      { context: 'Shop', message: 'No stock', error: { name: 'RangeError', message: 'none left' } },
      { context: 'Shop', message: 'odd', error: { name: 'TypeError' } },
      { context: 'Shop', message: '', level: 'warn', order: 7 },
    ]);
  });

  it('survives fields that JSON cannot hold', () => {
    const { logger, output } = setup({ format: 'json' });
    const cycle: Record<string, unknown> = { big: 2n ** 70n };
    logger.forMessenger.log('info', 'big', { ...cycle });
    cycle.self = cycle;
    logger.forMessenger.log('info', 'cyclic', cycle);

    expect(linesOf(output)).toEqual([
      { time, level: 'info', context: 'Messenger', message: 'big', big: '1180591620717411303424' },
      { time, level: 'info', context: 'Messenger', message: 'cyclic' },
    ]);
  });
});
