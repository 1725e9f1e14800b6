import { asSentence } from '../failure/as-sentence.js';
import { summarizeError } from '../failure/flatten-error.js';
import { isSettledWithin } from '../worker/is-settled-within.js';

/** What came of a question: an answer, or a sentence that says why there is none. */
export interface Answer<T> {
  readonly value?: T;
  readonly trouble?: string;
}

/** Waits for an answer, but not for ever. Never rejects. */
export async function answerWithin<T>(ms: number, question: Promise<T>): Promise<Answer<T>> {
  // One that fails after its time is heard by nobody else.
  question.catch(() => undefined);
  try {
    return (await isSettledWithin(ms, question))
      ? { value: await question }
      : { trouble: `It has not answered for ${ms} ms.` };
  } catch (error) {
    return { trouble: asSentence(summarizeError(error).message) };
  }
}
