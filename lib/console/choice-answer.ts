/**
 * What an answer to a numbered list means: the choice with that number, that name, or the only one that begins so.
 * `undefined` if it means none of them.
 */
export function choiceOf<C extends string>(answer: string, choices: readonly C[]): C | undefined {
  const text = answer.trim().toLowerCase();
  const exact = choices.find((choice) => choice.toLowerCase() === text);
  const numbered = /^\d+$/.test(text) ? choices[Number(text) - 1] : undefined;
  const beginning = text === '' ? [] : choices.filter((choice) => choice.toLowerCase().startsWith(text));
  return exact ?? numbered ?? (beginning.length === 1 ? beginning[0] : undefined);
}

/** Several choices, separated by commas or blanks, without repetition; `undefined` if a part means none of them. */
export function choicesOf(answer: string, choices: readonly string[]): readonly string[] | undefined {
  const chosen = answer
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => choiceOf(part, choices));
  const known = chosen.filter((choice) => choice !== undefined);
  return known.length === 0 || known.length < chosen.length ? undefined : [...new Set(known)];
}
