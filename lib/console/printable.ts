// Control characters but the line feed and the tab.
const CONTROL = /[^\P{Cc}\n\t]/gu;

/**
 * A text from outside (an error, a message name) made safe for a terminal and a log: control characters, which could
 * move the cursor or forge a line, are written as escapes.
 */
export function printable(text: string): string {
  return text.replaceAll(
    CONTROL,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** As {@link printable}, and on one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/\s*\r?\n\s*/g, ' '));
}
