const COLOURS = {
  passed: 32,
  noticed: 32,
  failed: 31,
  'NOT NOTICED': 31,
  'did not run': 31,
  missing: 33,
  'n/a': 90,
};

/** Whether the standard output is for people, who like colours. */
export function isColourful(stream = process.stdout, env = process.env) {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '';
}

/**
 * Rows below a header, in columns as wide as they need to be. Plain for a pipe.
 *
 * @param {readonly string[]} header
 * @param {ReadonlyArray<readonly string[]>} rows
 */
export function renderTable(header, rows, hasColour = isColourful()) {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells, paint) =>
    cells
      .map((cell, column) => paint(cell, cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd();
  const colour = (cell, padded) =>
    hasColour && COLOURS[cell] !== undefined ? `\u001B[${COLOURS[cell]}m${padded}\u001B[0m` : padded;
  const bold = (_cell, padded) => (hasColour ? `\u001B[1m${padded}\u001B[0m` : padded);
  return [line(header, bold), ...rows.map((row) => line(row, colour))].map((text) => `${text}\n`).join('');
}

/** The same as a table in Markdown. */
export function renderMarkdown(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n') + '\n';
}
