/** Prints what a test has measured, if MESSENGER_FIGURES is set. */
export function reportFigures(what: string, figures: Readonly<Record<string, unknown>>): void {
  if ((process.env['MESSENGER_FIGURES'] ?? '') !== '') {
    console.info(`${what}: ${JSON.stringify(figures)}`);
  }
}
