import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether the system tells what its processes use: Linux. */
export const isUsageKnown = process.platform === 'linux';

/** The processor time that a process has used so far, of all its threads, in milliseconds. */
export function cpuTimeOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** The memory that a process occupies, in megabytes; `undefined` when it has ended. */
export function residentMemoryOf(pid: number): number | undefined {
  return megabytesOf(pid, 'VmRSS');
}

/** The most memory that a process ever occupied, in megabytes; `undefined` when it has ended. */
export function peakMemoryOf(pid: number): number | undefined {
  return megabytesOf(pid, 'VmHWM');
}

function megabytesOf(pid: number, field: string): number | undefined {
  const path = `/proc/${pid}/status`;
  const status = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}
