import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { TerminalPrompt } from '../../../lib/console/terminal-prompt.js';

/** A terminal on which each question is answered with the next line. */
function setup(...answers: string[]): { prompt: TerminalPrompt; shown: () => string } {
  const input = new PassThrough();
  const output = new PassThrough();
  let text = '';
  output.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (/(> |: |\] )$/.test(chunk.toString())) {
      const answer = answers.shift();
      if (answer === undefined) {
        input.end();
      } else {
        input.write(`${answer}\n`);
      }
    }
  });
  return { prompt: new TerminalPrompt(input, output, true), shown: () => text };
}

const ACTIONS = ['retry', 'delete', 'skip'] as const;

describe('a question with several answers', () => {
  it.each([
    ['', 'retry'],
    ['2', 'delete'],
    ['skip', 'skip'],
    ['D', 'delete'],
    [' retry ', 'retry'],
  ])('understands "%s"', async (answer, expected) => {
    expect(await setup(answer).prompt.chooseOne('What now?', ACTIONS)).toBe(expected);
  });

  it('shows the answers with their numbers, and asks again until one is meant', async () => {
    const { prompt, shown } = setup('4', 'nonsense', '3');

    expect(await prompt.chooseOne('What now?', ACTIONS)).toBe('skip');
    expect(shown()).toContain('What now? [retry]\n  [1] retry\n  [2] delete\n  [3] skip\n> ');
    expect(shown().match(/That is none of the answers\./g)).toHaveLength(2);
  });

  it('is not answered by the end of the input', async () => {
    await expect(setup().prompt.chooseOne('What now?', ACTIONS)).rejects.toMatchObject({
      code: 'MESSENGER_PROMPT_ABORTED',
      message: '"What now?" was not answered. What was done before stays done; nothing else was changed.',
    });
  });
});

describe('a question that is aborted', () => {
  it('waits no longer, nor does any later one', async () => {
    const prompt = new TerminalPrompt(new PassThrough(), new PassThrough(), true);
    const waiting = prompt.confirm('Remove?');

    prompt.abort();

    await expect(waiting).rejects.toMatchObject({ question: 'Remove?' });
    await expect(prompt.confirm('Really?')).rejects.toMatchObject({ question: 'Really?' });
  });
});

describe('a question with any number of answers', () => {
  it('takes numbers and names in the order of the answer', async () => {
    expect(await setup('3, async 3').prompt.chooseSeveral('Which?', ['async', 'mail', 'failed'])).toEqual([
      'failed',
      'async',
    ]);
  });

  it('needs at least one, and none but those shown', async () => {
    expect(await setup('', '1,9', 'mail').prompt.chooseSeveral('Which?', ['async', 'mail'])).toEqual([
      'mail',
    ]);
  });

  it('does not guess between two that begin alike', async () => {
    expect(await setup('a', 'as').prompt.chooseSeveral('Which?', ['async', 'audit'])).toEqual(['async']);
  });
});

describe('a confirmation', () => {
  it.each([
    ['y', true],
    ['YES', true],
    ['n', false],
    ['', false],
  ])('understands "%s"', async (answer, expected) => {
    expect(await setup(answer).prompt.confirm('Remove?')).toBe(expected);
  });

  it('is asked for again rather than guessed', async () => {
    expect(await setup('perhaps', 'y').prompt.confirm('Remove?')).toBe(true);
  });
});
