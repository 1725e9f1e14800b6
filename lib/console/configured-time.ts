const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/**
 * A time of the configuration for people, exact where it is short: `500 ms`, `1.5 s`, `1 min 30 s`, `2 d 3 h`.
 *
 * @param ms zero or more.
 */
export function configuredTime(ms: number): string {
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${Math.round(ms / 100) / 10} s`;
  }
  const [at] = UNITS.flatMap(([, size], index) => (ms >= size ? [index] : []));
  const [unit, size] = UNITS[at ?? 0] ?? UNITS[0];
  const [lesser, lesserSize] = UNITS[(at ?? 0) + 1] ?? UNITS[3];
  const rounded = Math.round(ms / lesserSize) * lesserSize;
  const rest = (rounded % size) / lesserSize;
  return `${Math.floor(rounded / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${lesser}`}`;
}
