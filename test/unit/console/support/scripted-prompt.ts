import type { Prompt } from '../../../../lib/console/prompt.js';
import { PromptAbortedError } from '../../../../lib/errors/prompt-aborted.error.js';

/** Answers questions from a list, and remembers them. Without answers nobody is there to ask. */
export class ScriptedPrompt implements Prompt {
  readonly questions: string[] = [];
  readonly #answers: string[];

  constructor(
    readonly isInteractive: boolean,
    ...answers: readonly string[]
  ) {
    this.#answers = [...answers];
  }

  async chooseOne<C extends string>(question: string): Promise<C> {
    return this.#answer(question) as C;
  }

  async chooseSeveral(question: string): Promise<readonly string[]> {
    return this.#answer(question).split(',');
  }

  async confirm(question: string): Promise<boolean> {
    return this.#answer(question) === 'yes';
  }

  abort(): void {
    this.#answers.length = 0;
  }

  #answer(question: string): string {
    this.questions.push(question);
    const answer = this.#answers.shift();
    if (answer === undefined) {
      throw new PromptAbortedError(question);
    }
    return answer;
  }
}
