import { createMessage } from '../harness/bench-message.mjs';

const BETWEEN_LOOKS_AT_THE_CLOCK = 2_000;

/** One dispatch after the other, each awaited, to one handler that does nothing. */
export default async function drive(subject, { seconds, warmUp }) {
  let handled = 0;
  const dispatch = await subject.roles.dispatch(async () => {
    handled++;
  });
  await dispatchFor(dispatch, warmUp);
  handled = 0;
  const { count, elapsed } = await dispatchFor(dispatch, seconds);
  await new Promise(setImmediate);
  if (handled !== count) throw new Error(`${count} dispatched, but ${handled} handled.`);
  return { rate: count / elapsed };
}

async function dispatchFor(dispatch, seconds) {
  const message = createMessage(0);
  const start = performance.now();
  const end = start + seconds * 1000;
  let count = 0;
  while (performance.now() < end) {
    for (let i = 0; i < BETWEEN_LOOKS_AT_THE_CLOCK; i++) await dispatch(message);
    count += BETWEEN_LOOKS_AT_THE_CLOCK;
  }
  return { count, elapsed: (performance.now() - start) / 1000 };
}
