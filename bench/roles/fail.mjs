/** Ends the process of a role, and with it the run: what went wrong would make its figures worthless. */
export function fail(error) {
  console.error(error);
  process.exit(1);
}
