import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The environment variable that holds how often a process says how large its heap is, in milliseconds. */
export const HEAP_REPORTS_VARIABLE = 'CHAOS_HEAP_EVERY_MS';

/** Writes the size of the heap in bytes, after its garbage was collected, from time to time: if the environment wants it. */
export function reportHeap(env: NodeJS.ProcessEnv): void {
  const everyMs = Number(env[HEAP_REPORTS_VARIABLE] ?? 0);
  if (everyMs > 0) {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    setInterval(() => {
      collect();
      console.log(`heap ${process.memoryUsage().heapUsed}`);
    }, everyMs).unref();
  }
}
