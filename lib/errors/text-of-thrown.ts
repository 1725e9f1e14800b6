/**
 * The text of whatever was thrown. Anything may be thrown, and to read it may throw itself.
 *
 * @param unreadable the text of a thrown value that does.
 */
export function textOfThrown(thrown: unknown, unreadable: string): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return unreadable;
  }
}
