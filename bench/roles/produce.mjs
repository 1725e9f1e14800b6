import { createMessage } from '../harness/bench-message.mjs';
import { cpuSeconds } from './resources.mjs';

/** How many are on their way at first, so that the compiler has seen enough after a few seconds, however slow the store is. */
const WARM_UP_IN_FLIGHT = 100;

/** Keeps `inFlight` messages on their way for `seconds`, after a warm-up with many at a time, and one like what is measured. */
export default async function drive(subject, { address, inFlight, seconds, warmUp }) {
  const producer = await subject.roles.produce(address);
  await produceFor(producer, WARM_UP_IN_FLIGHT, warmUp);
  await produceFor(producer, inFlight, warmUp);
  const before = process.cpuUsage();
  const { count, elapsed } = await produceFor(producer, inFlight, seconds);
  const cpu = cpuSeconds(before);
  await producer.close();
  return { rate: count / elapsed, cpu: (cpu * 1000) / count };
}

async function produceFor(producer, inFlight, seconds) {
  const start = performance.now();
  const end = start + seconds * 1000;
  let count = 0;
  const lane = async () => {
    while (performance.now() < end) await producer.send(createMessage(count++));
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { count, elapsed: (performance.now() - start) / 1000 };
}
