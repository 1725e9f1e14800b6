import { now } from '../harness/clock.mjs';

/** Says when the handler was called for the one message that waits. */
export default async function drive(subject, { address }) {
  const handledAt = await new Promise((resolve, reject) => {
    subject.roles.boot({ address, concurrency: 1, handle: async () => resolve(now()) }).catch(reject);
  });
  return { handledAt };
}
