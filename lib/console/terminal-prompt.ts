import type { Readable, Writable } from 'node:stream';
import { PromptAbortedError } from '../errors/prompt-aborted.error.js';
import { choiceOf, choicesOf } from './choice-answer.js';
import type { Prompt } from './prompt.js';

/** Numbered lists and lines of text on a terminal, by `node:readline`: works everywhere, screen readers included. */
export class TerminalPrompt implements Prompt {
  readonly isInteractive: boolean;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #aborted = new AbortController();

  constructor(input: Readable, output: Writable, isInteractive: boolean) {
    this.#input = input;
    this.#output = output;
    this.isInteractive = isInteractive;
  }

  async chooseOne<C extends string>(question: string, choices: readonly [C, ...C[]]): Promise<C> {
    const [first] = choices;
    const list = choices.map((choice, index) => `  [${index + 1}] ${choice}\n`).join('');
    return this.#askUntil(`${question} [${first}]\n${list}> `, question, (answer) =>
      answer.trim() === '' ? first : choiceOf(answer, choices),
    );
  }

  async chooseSeveral(question: string, choices: readonly string[]): Promise<readonly string[]> {
    const list = choices.map((choice, index) => `  [${index + 1}] ${choice}\n`).join('');
    const hint = 'Numbers or names, separated by commas, the most important first';
    return this.#askUntil(`${question}\n${list}${hint}: `, question, (answer) => choicesOf(answer, choices));
  }

  async confirm(question: string): Promise<boolean> {
    return this.#askUntil(`${question} [y/N] `, question, (answer) =>
      /^(y|yes)$/i.test(answer.trim()) ? true : /^(n|no|)$/i.test(answer.trim()) ? false : undefined,
    );
  }

  abort(): void {
    this.#aborted.abort();
  }

  /** Asks again until the answer means something. */
  async #askUntil<R>(text: string, question: string, read: (answer: string) => R | undefined): Promise<R> {
    for (;;) {
      const result = read(await this.#ask(text, question));
      if (result !== undefined) {
        return result;
      }
      this.#output.write('That is none of the answers.\n');
    }
  }

  /** A new interface for each question, so that in between Ctrl+C is a signal to the process again. */
  #ask(text: string, question: string): Promise<string> {
    const { createInterface } = require('node:readline') as typeof import('node:readline');
    const { signal } = this.#aborted;
    const lines = createInterface({ input: this.#input, output: this.#output, signal });
    return new Promise<string>((resolve, reject) => {
      lines.once('close', () => reject(new PromptAbortedError(question)));
      lines.question(text, (answer) => {
        resolve(answer);
        lines.close();
      });
    });
  }
}
