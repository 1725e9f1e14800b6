import { readdirSync, readlinkSync } from 'node:fs';
import { residentMemoryOf } from '../../e2e/support/process-usage.js';
import type { Spawned } from '../../e2e/support/spawned.js';
import type { Sample } from './flatness.js';

const MEGABYTE = 1_000_000;

/** What is measured of a process. Memory in megabytes. */
export const MEASURES = ['heap', 'resident', 'handles', 'sockets'] as const;

export type Measure = (typeof MEASURES)[number];

/** What a process used, as time went by. */
export class ProcessSamples {
  readonly #process: Spawned;
  readonly #series = new Map<Measure, Sample[]>();

  /** @param process reports its heap: see `reportHeap`. */
  constructor(process: Spawned) {
    this.#process = process;
  }

  /** Measures it now. A process that has ended is not measured any more. */
  take(): void {
    const { pid, stdout, hasExited } = this.#process;
    if (hasExited) {
      return;
    }
    const heap = stdout.match(/heap \d+/g)?.at(-1);
    if (heap !== undefined) {
      this.#add('heap', Number(heap.slice('heap '.length)) / MEGABYTE);
    }
    this.#add('resident', residentMemoryOf(pid) ?? 0);
    const handles = openIn(pid);
    this.#add('handles', handles.length);
    this.#add('sockets', handles.filter((target) => target.startsWith('socket:')).length);
  }

  of(measure: Measure): readonly Sample[] {
    return this.#series.get(measure) ?? [];
  }

  #add(measure: Measure, value: number): void {
    this.#series.set(measure, [...this.of(measure), { at: performance.now(), value }]);
  }
}

/** What the open file descriptors of a process stand for. */
function openIn(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      // It was closed meanwhile.
      return [];
    }
  });
}
