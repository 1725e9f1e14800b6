import { beforeEach, describe, expect, it } from 'vitest';
import { ProcessSignals } from '../../../lib/console/process-signals.js';
import { FakeProcess } from './support/fake-process.js';

describe('the signals of a process', () => {
  let host: FakeProcess;
  let signals: ProcessSignals;
  let now: number;
  let stops: string[];

  beforeEach(() => {
    host = new FakeProcess();
    now = 0;
    stops = [];
    signals = new ProcessSignals(host, () => now);
    signals.watch();
  });

  const listen = (): void => signals.onStop((signal) => stops.push(signal));

  it('ask to stop once, then end the process with 128 plus the number of the signal', () => {
    listen();

    host.signal('SIGTERM');
    expect([stops, host.exits]).toEqual([['SIGTERM'], []]);

    host.signal('SIGTERM');
    host.signal('SIGINT');
    host.signal('SIGQUIT');
    expect([stops, host.exits]).toEqual([['SIGTERM'], [143, 130, 131]]);
  });

  it('end the process at once while nobody listens: the application still boots', () => {
    host.signal('SIGTERM');

    expect(host.exits).toEqual([143]);
  });

  it('count a SIGINT that comes twice with one keystroke once', () => {
    listen();

    host.signal('SIGINT');
    now = 99;
    host.signal('SIGINT');
    expect([stops, host.exits]).toEqual([['SIGINT'], []]);

    now = 100;
    host.signal('SIGINT');
    expect(host.exits).toEqual([130]);
  });
});
