/** How much a command tells, from `-q` to `-vv`. */
export const VERBOSITIES = ['quiet', 'normal', 'verbose', 'very-verbose'] as const;

export type Verbosity = (typeof VERBOSITIES)[number];

/** @param verboseCount how often `-v` was given; `-vv` counts as two. `-q` wins. */
export function verbosityOf(isQuiet: boolean, verboseCount: number): Verbosity {
  return isQuiet ? 'quiet' : (VERBOSITIES[1 + Math.min(verboseCount, 2)] ?? 'normal');
}

/** Whether `actual` tells at least what `wanted` does. */
export function isAtLeast(actual: Verbosity, wanted: Verbosity): boolean {
  return VERBOSITIES.indexOf(actual) >= VERBOSITIES.indexOf(wanted);
}
