import { Logger, type LogLevel } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { NestMessengerLogger } from '../../lib/observability/nest-messenger-logger.js';

/** What the application's logger is given, call by call. */
function setup(levels: LogLevel[], isDebug = true) {
  const lines: unknown[][] = [];
  const write =
    (level: string) =>
    (...args: unknown[]): void =>
      void lines.push([level, ...args.filter((arg) => arg !== undefined)]);
  Logger.overrideLogger(levels);
  Logger.overrideLogger({
    log: write('log'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
  });
  return { logger: new NestMessengerLogger(isDebug), lines };
}

afterEach(() => {
  Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']);
});

describe('log lines in Nest', () => {
  it('have the context "Messenger", and their fields behind the text', () => {
    const { logger, lines } = setup(['log', 'warn', 'error']);

    logger.log('info', 'Worker starts.', { concurrency: 3, at: new Date(0) });
    logger.log('warn', 'Slow.');

    expect(lines).toEqual([
      ['log', 'Worker starts. (concurrency=3, at=1970-01-01T00:00:00.000Z)', 'Messenger'],
      ['warn', 'Slow.', 'Messenger'],
    ]);
  });

  it('never show an object, so no message', () => {
    const { logger, lines } = setup(['error']);

    logger.log('error', 'Failed.', { message: { card: '4111' }, envelope: ['4111'] });

    expect(lines).toEqual([['error', 'Failed.', 'Messenger']]);
  });

  it('show the text of an error once, and its stack at level "debug" only', () => {
    const error = new Error('no stock');
    const quiet = setup(['error', 'warn']);
    quiet.logger.log('error', 'Handling failed.', { error });
    quiet.logger.log('warn', 'Handling failed: no stock', { error });
    expect(quiet.lines).toEqual([
      ['error', 'Handling failed. no stock', 'Messenger'],
      ['warn', 'Handling failed: no stock', 'Messenger'],
    ]);

    const verbose = setup(['error', 'warn', 'debug']);
    verbose.logger.log('error', 'Handling failed.', { error });
    verbose.logger.log('warn', 'Retrying.', { error });
    expect(verbose.lines).toEqual([
      ['error', 'Handling failed. no stock', error.stack, 'Messenger'],
      ['warn', 'Retrying. no stock', 'Messenger'],
      ['debug', error.stack, 'Messenger'],
    ]);
  });

  it('survive whatever was thrown', () => {
    const { logger, lines } = setup(['error', 'debug']);
    const hostile = Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('No.');
      },
    });

    logger.log('error', 'Failed.', { error: hostile });
    logger.log('error', 'Failed.', { error: Object.create(null) });
    logger.log('error', 'Failed.', { error: Symbol('thrown') });

    expect(lines.map(([, text]) => text)).toEqual([
      'Failed. unreadable',
      'Failed. unreadable',
      'Failed. Symbol(thrown)',
    ]);
  });

  it('are asked for by the levels of the application', () => {
    const { logger } = setup(['log', 'error', 'warn']);

    expect(['debug', 'info', 'warn', 'error'].map((level) => logger.enabled(level as 'debug'))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('leave out what is said of every message, unless it is asked for', () => {
    const quiet = setup(['log', 'debug'], false);
    quiet.logger.log('debug', 'Received "Task".');
    expect(quiet.logger.enabled('debug')).toBe(false);
    expect(quiet.lines).toEqual([]);

    const asked = setup(['log', 'debug'], true);
    asked.logger.log('debug', 'Received "Task".');
    expect(asked.logger.enabled('debug')).toBe(true);
    expect(asked.lines).toEqual([['debug', 'Received "Task".', 'Messenger']]);
  });
});
