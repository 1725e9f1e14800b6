/**
 * The best hand-written figure of a column: what the ratios are taken to.
 *
 * @param {import('../types.d.ts').Outcome} outcome
 * @param {string} metric
 */
export function floorOf({ columns, rows }, metric) {
  const floors = rows.filter(({ kind }) => kind === 'floor').map(({ medians }) => medians[metric]);
  const measured = floors.filter((value) => value !== undefined);
  if (measured.length === 0) return undefined;
  const { better } = columns.find((column) => column.metric === metric) ?? {};
  return better === 'less' ? Math.min(...measured) : Math.max(...measured);
}
