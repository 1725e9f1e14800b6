import type { Output } from './output.js';

/** Writes the result of a command as one JSON document. Dates become ISO texts, `undefined` fields are left out. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, bigintAsText, 2)}\n`);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
