import { describe, expect, it } from 'vitest';
import { readConsumeRequest } from '../../../lib/console/consume-request.js';
import { resolveWorkerOptions } from '../../../lib/worker/worker-options.js';

describe('the command line of consume', () => {
  it('asks for nothing if nothing is written', () => {
    expect(readConsumeRequest([], { reset: true })).toEqual({
      receivers: { names: [], all: false, excluded: [] },
      bus: undefined,
      worker: {},
      health: {},
    });
  });

  it('becomes the options of a worker, in milliseconds and bytes', () => {
    const { worker } = readConsumeRequest(['async'], {
      limit: '10',
      failureLimit: '2',
      memoryLimit: '128M',
      timeLimit: '3600',
      sleep: '0.5',
      queues: ['a', 'b'],
      keepalive: '20',
      fetchSize: '5',
      concurrency: '4',
      grace: '0',
      blockWarning: '2.5',
      reset: '100',
    });

    expect(worker).toEqual({
      limit: 10,
      failureLimit: 2,
      memoryLimit: 134_217_728,
      timeLimit: 3_600_000,
      sleep: 500,
      queues: ['a', 'b'],
      keepalive: 20_000,
      fetchSize: 5,
      concurrency: 4,
      grace: 0,
      blockWarning: 2500,
      reset: 100,
    });
    expect(resolveWorkerOptions(worker)).toMatchObject({ prefetch: 4 });
  });

  it('says how the worker shall tell of its health', () => {
    const { health } = readConsumeRequest(['async'], {
      healthFile: '/tmp/worker.json',
      healthPort: '0',
      healthHost: '::',
    });

    expect(health).toEqual({ file: '/tmp/worker.json', port: 0, host: '::' });
  });

  it('refuses an address without a port, and a port that is none', () => {
    expect(() => readConsumeRequest(['async'], { healthHost: '::' })).toThrow(
      'The "--health-host" option can only be used together with the "--health-port" option.',
    );
    expect(() => readConsumeRequest(['async'], { healthPort: '65536' })).toThrow(
      'Option "--health-port" must be a port, a whole number from 0 to 65535, "65536" passed.',
    );
  });

  it('leaves the worker its defaults for options without a value', () => {
    expect(readConsumeRequest(['async'], { keepalive: true, reset: true }).worker).toEqual({});
  });

  it('never resets services with --no-reset', () => {
    expect(readConsumeRequest(['async'], { reset: false }).worker).toEqual({ reset: false });
  });

  it('does not let a worker ask without a pause', () => {
    expect(readConsumeRequest(['async'], { sleep: '0' }).worker.sleep).toBeGreaterThan(0);
  });

  it('says how to write a value that was taken for the name of a receiver', () => {
    expect(() => readConsumeRequest([], { keepalive: 'async' })).toThrow(
      'Option "--keepalive" must be a positive number of seconds, "async" passed. ' +
        'Write a value directly after it, as in "--keepalive=10".',
    );
    expect(() => readConsumeRequest([], { reset: 'async' })).toThrow('as in "--no-reset=10".');
  });

  it('refuses receivers together with --all, and --exclude-receivers without it', () => {
    expect(() => readConsumeRequest(['async'], { all: true })).toThrow(
      'Name the receivers, or consume from "--all" of them; not both.',
    );
    expect(() => readConsumeRequest(['async'], { excludeReceivers: ['failed'] })).toThrow(
      'The "--exclude-receivers" option can only be used together with the "--all" option.',
    );
  });
});
