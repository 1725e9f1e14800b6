import { now } from '../harness/clock.mjs';
import { percentile } from '../harness/statistics.mjs';

/**
 * Takes the time from a message's creation in another process to its handler. The first message says that the worker
 * is ready; the first `warmUp` of the paced ones are not counted.
 */
export default async function drive(subject, { address, total, warmUp }, ready) {
  const delays = [];
  await new Promise((resolve, reject) => {
    let received = 0;
    const handle = async (message) => {
      const delay = now() - message.sentAt;
      received++;
      if (received === 1) return ready();
      if (message.orderId >= warmUp) delays.push(delay);
      if (received === total + 1) resolve();
    };
    subject.roles.latency({ address, concurrency: 1, handle }).catch(reject);
  });
  return {
    p50: percentile(delays, 50),
    p95: percentile(delays, 95),
    p99: percentile(delays, 99),
    max: Math.max(...delays),
  };
}
