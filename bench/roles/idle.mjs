import { cpuSeconds, currentMiB, pause } from './resources.mjs';

/** Long enough for a worker that looks less and less often. */
const SETTLE_MS = 2_000;

/** What a worker costs that has handled one message and waits for the next: from when it says that it is ready. */
export default async function drive(subject, { address, seconds }, ready) {
  await new Promise((resolve, reject) => {
    subject.roles.idle({ address, concurrency: 1, handle: async () => resolve() }).catch(reject);
  });
  await pause(SETTLE_MS);
  ready();
  const before = process.cpuUsage();
  const start = performance.now();
  await pause(seconds * 1000);
  const elapsed = (performance.now() - start) / 1000;
  return { cpu: (100 * cpuSeconds(before)) / elapsed, rss: currentMiB() };
}
