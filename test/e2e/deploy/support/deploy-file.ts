import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../../../..');

/** The text of a file that the sample application ships for its operators. */
export function deployFile(path: string): string {
  return readFileSync(join(ROOT, 'sample-app/deploy', path), 'utf8');
}

/**
 * The same text with some lines put otherwise, for a machine that is not the one it was written for.
 *
 * @throws TypeError if a line is not there: the file says something else than the test believes.
 */
export function adapted(
  text: string,
  ...changes: ReadonlyArray<readonly [from: string, to: string]>
): string {
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) {
      throw new TypeError(`The file does not have ${JSON.stringify(from)}.`);
    }
    return result.replaceAll(from, to);
  }, text);
}
