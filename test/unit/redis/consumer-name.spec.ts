import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { errorOf, resolveDsn } from './setup.js';

const nameOf = (dsn: string, options = {}, env: NodeJS.ProcessEnv = {}) => {
  const { consumer, isConsumerNamed } = resolveDsn(dsn, options, env);
  return [consumer, isConsumerNamed];
};

describe('the consumer name of a Redis transport', () => {
  const env = { MESSENGER_CONSUMER_NAME: 'worker_01' };

  it('is that of the options, else of the DSN, else of the environment, else unique', () => {
    expect(nameOf('redis://h/s/g/w?consumer=x', { consumer: 'c' }, env)).toEqual(['c', true]);
    expect(nameOf('redis://h/s/g/w?consumer=x', {}, env)).toEqual(['w', true]);
    expect(nameOf('redis://h/s/g?consumer=x', {}, env)).toEqual(['x', true]);
    expect(nameOf('redis://h/s/g', {}, env)).toEqual(['worker_01', true]);
    expect(nameOf('redis://h/s/g')).toEqual(['box-42-0badcafe', false]);
  });

  it('is fixed if the configuration itself holds it, and neither the host nor a variable', () => {
    const isFixed = (consumer: string | undefined, variables: NodeJS.ProcessEnv = env): boolean =>
      resolveDsn('redis:', { consumer }, variables).isConsumerFixed;

    expect(isFixed('orders')).toBe(true);
    expect(isFixed('box')).toBe(false);
    expect(isFixed('pod-1', { HOSTNAME: 'pod-1' })).toBe(false);
    expect(isFixed(undefined)).toBe(false);
    expect(isFixed(undefined, {})).toBe(false);
    expect(resolveDsn('redis://h/s/g/orders').isConsumerFixed).toBe(true);
  });

  it.each([[undefined], [''], ['  ']])('is not that of a variable that is %o', (value) => {
    expect(nameOf('redis:', {}, { MESSENGER_CONSUMER_NAME: value })).toEqual(['box-42-0badcafe', false]);
  });

  it('is not an empty text, which an unset variable leaves behind', () => {
    expect(nameOf('redis:', { consumer: '' }, env)).toEqual(['worker_01', true]);
    expect(nameOf('redis:?consumer=', {}, env)).toEqual(['worker_01', true]);
  });

  it.each([
    ['messenger-worker@3'],
    ['pod-0.workers.default'],
    ['worker {1}%'],
    ['$5'],
    ['{}'],
    ['ł'.repeat(128)],
  ])('may be "%s"', (name) => {
    expect(nameOf('redis:', { consumer: name })).toEqual([name, true]);
    expect(nameOf('redis:', {}, { MESSENGER_CONSUMER_NAME: name })).toEqual([name, true]);
  });

  it.each([
    ['%env(MESSENGER_CONSUMER_NAME)%', 'has "%env(MESSENGER_CONSUMER_NAME)%", which nothing has filled in'],
    ['worker_%(process_num)02d', 'has "%(process_num)02d", which nothing has filled in'],
    ['${HOSTNAME}', 'has "${HOSTNAME}", which nothing has filled in'],
    ['w-${HOSTNAME:-x}', 'has "${HOSTNAME:-x}", which nothing has filled in'],
    ['$(hostname)', 'has "$(hostname)", which nothing has filled in'],
    ['w-$HOSTNAME', 'has "$HOSTNAME", which nothing has filled in'],
    ['{hostname}-1', 'has "{hostname}", which nothing has filled in'],
    ['{{ .Pod }}', 'has "{{ .Pod }}", which nothing has filled in'],
    ['(released)', 'must not be "(released)"'],
    ['a\0b', 'must not have control characters, got "a\\u0000b"'],
    ['worker\n', 'must not have control characters'],
    ['ł'.repeat(129), 'must not be longer than 256 bytes, got 258'],
  ])('may not be "%s"', (name, reason) => {
    const inOptions = errorOf(() => resolveDsn('redis:', { consumer: name }));
    const inPath = errorOf(() => resolveDsn(`redis://h/s/g/${encodeURIComponent(name)}`));
    const inEnvironment = errorOf(() => resolveDsn('redis:', {}, { MESSENGER_CONSUMER_NAME: name }));

    for (const error of [inOptions, inPath]) {
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.message).toContain(`Transport "async": option "consumer" ${reason}`);
    }
    expect(inEnvironment.message).toContain(
      `Transport "async": option "consumer" (from the environment variable MESSENGER_CONSUMER_NAME) ${reason}`,
    );
  });

  it('tells how a placeholder is written here', () => {
    expect(() => resolveDsn('redis:', { consumer: '%env(NAME)%' })).toThrow(
      'leave the option out and set the environment variable MESSENGER_CONSUMER_NAME, or write consumer: process.env.NAME ' +
        'in the options of the transport.',
    );
  });
});
