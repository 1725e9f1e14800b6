/** A worker that asks again soon, and does not wait long for what is away: milliseconds. */
export const IMPATIENT = { sleep: 300, grace: 3000 } as const;
