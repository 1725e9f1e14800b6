/** A text from elsewhere, an error's for instance, with a full stop if it does not end a sentence, so that another may follow. */
export function asSentence(text: string): string {
  const trimmed = text.trimEnd();
  return /[.!?…]["')\]]?$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
