import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is not `undefined`, and resolves with it. `what` says in the error what was waited for. */
export async function until(what, ask, seconds = 30) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`Waited ${seconds} s in vain until ${what}.`);
    }
    await sleep(50);
  }
}
