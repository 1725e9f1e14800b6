import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProtectionEdit } from './scenario.js';

/**
 * Takes a protection away from the sources in a folder.
 *
 * @param write what is done with the new content. @default it is written to the file
 * @returns how to put the old content back.
 * @throws TypeError if the text that it replaces is not in the file exactly once: the library has changed, and the edit has to.
 */
export function applyEdit(
  root: string,
  { file, find, replace }: ProtectionEdit,
  write: (path: string, content: string) => void = writeFileSync,
): () => void {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  const parts = before.split(find);
  if (parts.length !== 2) {
    throw new TypeError(
      `${file} has the text that a protection replaces ${parts.length - 1} times, and has to have it once. Adapt ` +
        `test/chaos/table/protections/. The text is:\n${find}`,
    );
  }
  write(path, parts.join(replace));
  return () => write(path, before);
}
