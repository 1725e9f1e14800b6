import { createMessage } from '../harness/bench-message.mjs';
import { pause } from './resources.mjs';

/** Sends `count` messages, numbered from 0, at an even pace that does not wait for the store. */
export default async function drive(subject, { address, count, perSecond }) {
  const producer = await subject.roles.produce(address);
  const sends = [];
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const early = start + (i * 1000) / perSecond - performance.now();
    if (early > 0) await pause(early);
    sends.push(producer.send(createMessage(i)));
  }
  await Promise.all(sends);
  await producer.close();
  return { count };
}
