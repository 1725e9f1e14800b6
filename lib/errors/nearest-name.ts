import { closest, distance } from 'fastest-levenshtein';

/** The known name that `name` is most likely a mistyping of, if one is near enough. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const nearest = known.length === 0 ? undefined : closest(name, [...known]);
  const isNear = nearest !== undefined && distance(name, nearest) <= Math.max(2, nearest.length / 3);
  return isNear ? nearest : undefined;
}
