import { join } from 'node:path';

/** The folder this package runs from: `dist/lib` when it is built. */
const OWN_FOLDER = join(__dirname, '..');

const FRAME = /^\s+at /;

/** Paths of what runs a handler, however it was installed. */
const MACHINERY = /\bnode:internal\/|[\\/]node_modules[\\/](?:nestjs-messenger|@nestjs)[\\/]/;

/**
 * A stack without the frames of this package, of Nest and of the inside of Node.js: they are the same below every handler, and
 * hide what the application did. If nothing else is left, the error is one of theirs, and its frames stay.
 */
export function withoutMachinery(stackLines: readonly string[]): readonly string[] {
  const kept = stackLines.filter((line) => !FRAME.test(line) || !isMachinery(line));
  return kept.some((line) => FRAME.test(line)) ? kept : stackLines;
}

function isMachinery(line: string): boolean {
  return MACHINERY.test(line) || line.includes(`${OWN_FOLDER}/`) || line.includes(`${OWN_FOLDER}\\`);
}
