import { createMessage } from '../harness/bench-message.mjs';
import { delayOf } from '../harness/delays.mjs';

const WARM_UP_DELAY = 1;

/**
 * Schedules `count` messages, numbered from 0, with `inFlight` on their way. Before, `warmUp` messages, numbered from
 * `count` on, are to be handled at once: the code that runs for the first time would make the others late.
 */
export default async function drive(subject, { address, count, warmUp, inFlight }) {
  const producer = await subject.roles.produce(address);
  const schedule = async (first, end, delayFor) => {
    let next = first;
    const lane = async () => {
      while (next < end) {
        const message = createMessage(next++);
        await producer.sendLater(message, delayFor(message.orderId));
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  };
  await schedule(count, count + warmUp, () => WARM_UP_DELAY);
  const start = performance.now();
  await schedule(0, count, delayOf);
  const elapsed = (performance.now() - start) / 1000;
  await producer.close();
  return { rate: count / elapsed };
}
