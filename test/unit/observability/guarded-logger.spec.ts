import { describe, expect, it } from 'vitest';
import type { MessengerLogger } from '../../../lib/event/logger.js';
import { GuardedLogger } from '../../../lib/observability/guarded-logger.js';
import { RecordingLogger } from '../../fixtures/core.js';

const throwing: MessengerLogger = {
  enabled: () => {
    throw new RangeError('enabled');
  },
  log: () => {
    throw new RangeError('log');
  },
};

const rejecting: MessengerLogger = {
  enabled: () => true,
  // oxlint-disable-next-line typescript/no-misused-promises -- that is the case under test.
  log: async () => {
    throw new RangeError('log');
  },
};

describe('a guarded logger', () => {
  it('passes everything on to the logger it guards', () => {
    const [inner, fallback] = [new RecordingLogger(), new RecordingLogger()];
    const logger = new GuardedLogger(inner, fallback);

    logger.log('warn', 'Slow.', { ms: 5 });

    expect(logger.enabled('debug')).toBe(true);
    expect(inner.lines).toEqual([{ level: 'warn', text: 'Slow.', context: { ms: 5 } }]);
    expect(fallback.lines).toEqual([]);
  });

  it.each([
    ['throws', throwing],
    ['rejects', rejecting],
  ])('writes a line elsewhere if that one %s', async (_, broken) => {
    const fallback = new RecordingLogger();

    new GuardedLogger(broken, fallback).log('error', 'Failed.', { error: 1 });
    await Promise.resolve();

    expect(fallback.lines).toEqual([{ level: 'error', text: 'Failed.', context: { error: 1 } }]);
  });

  it('never throws, even if both do', () => {
    const logger = new GuardedLogger(throwing, throwing);

    expect(() => logger.log('error', 'Failed.')).not.toThrow();
    expect(logger.enabled('debug')).toBe(false);
  });
});
