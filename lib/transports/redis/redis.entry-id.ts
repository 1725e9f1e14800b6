/** Whether one id of an entry, such as `1700000000000-0`, comes after another. */
export function isAfter(id: string, other: string): boolean {
  const [ms = 0n, sequence = 0n] = id.split('-').map(BigInt);
  const [otherMs = 0n, otherSequence = 0n] = other.split('-').map(BigInt);
  return ms > otherMs || (ms === otherMs && sequence > otherSequence);
}
