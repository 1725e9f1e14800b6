import { createMessage } from '../harness/bench-message.mjs';
import { delayOf } from '../harness/delays.mjs';

/** Schedules `count` messages, numbered from 0, with `inFlight` on their way. */
export default async function drive(subject, { address, count, inFlight }) {
  const producer = await subject.roles.produce(address);
  const start = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const message = createMessage(next++);
      await producer.sendLater(message, delayOf(message.orderId));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const elapsed = (performance.now() - start) / 1000;
  await producer.close();
  return { rate: count / elapsed };
}
