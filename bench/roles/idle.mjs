import { cpuSeconds, currentMiB, pause } from './resources.mjs';

const SETTLE_MS = 1_000;

/** What a worker costs that has handled one message and waits for the next. */
export default async function drive(subject, { address, seconds }) {
  await new Promise((resolve, reject) => {
    subject.roles.idle({ address, concurrency: 1, handle: async () => resolve() }).catch(reject);
  });
  await pause(SETTLE_MS);
  const before = process.cpuUsage();
  const start = performance.now();
  await pause(seconds * 1000);
  const elapsed = (performance.now() - start) / 1000;
  return { cpu: (100 * cpuSeconds(before)) / elapsed, rss: currentMiB() };
}
