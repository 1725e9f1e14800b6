import { createMessage } from '../harness/bench-message.mjs';

const AT_ONCE = 1_000;

/** Stores a backlog of `count` messages, numbered from 0. */
export default async function drive(subject, { address, count }) {
  const producer = await subject.roles.produce(address);
  for (let first = 0; first < count; first += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - first);
    await producer.sendAll(Array.from({ length }, (_, i) => createMessage(first + i)));
  }
  await producer.close();
  return { count };
}
