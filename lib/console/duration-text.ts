const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** Milliseconds for people, in at most two units: `3 d 4 h`, `2 min 5 s`, `12 s`, `0.4 s`. */
export function durationText(duration: number): string {
  if (duration < 950) {
    return `${Math.round(duration / 100) / 10} s`;
  }
  const rounded = Math.round(duration / 1000) * 1000;
  const at = UNITS.findIndex(([, unit]) => rounded >= unit);
  const [name, size] = UNITS[at] ?? UNITS[3];
  const next = UNITS[at + 1];
  const rest = next === undefined ? 0 : Math.floor((rounded % size) / next[1]);
  return `${Math.floor(rounded / size)} ${name}${rest === 0 || next === undefined ? '' : ` ${rest} ${next[0]}`}`;
}
