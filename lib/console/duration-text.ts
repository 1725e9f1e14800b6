const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1000 },
] as const;

/** A span of time for people, in its two largest units: `3 s`, `2 min 5 s`, `1 d 4 h`. */
export function durationText(ms: number): string {
  const rounded = Math.max(0, Math.round(ms / 1000) * 1000);
  const largest = UNITS.findIndex((unit) => rounded >= unit.ms);
  if (largest === -1) {
    return '0 s';
  }
  let rest = rounded;
  return UNITS.slice(largest, largest + 2)
    .map(({ name, ms: unit }) => {
      const count = Math.floor(rest / unit);
      rest -= count * unit;
      return { name, count };
    })
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(' ');
}
