const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Writes dates as `Date.prototype.toISOString` does, in a tenth of the time if they lie on the same day as the one before: it is
 * what encoding a message with a date takes longest for.
 */
export class IsoDates {
  #day = Number.NaN;
  /** The day that was last asked for, up to the `T`. */
  #prefix = '';

  /** `null` for an invalid date. */
  write(date: Date): string | null {
    const time = date.getTime();
    if (Number.isNaN(time)) {
      return null;
    }
    const day = Math.floor(time / DAY_MS);
    if (day !== this.#day) {
      const text = new Date(day * DAY_MS).toISOString();
      this.#prefix = text.slice(0, text.indexOf('T') + 1);
      this.#day = day;
    }
    const ofDay = time - day * DAY_MS;
    const hours = Math.floor(ofDay / HOUR_MS);
    const minutes = Math.floor((ofDay % HOUR_MS) / MINUTE_MS);
    const milliseconds = ofDay % MINUTE_MS;
    const seconds = Math.floor(milliseconds / 1000);
    return `${this.#prefix}${two(hours)}:${two(minutes)}:${two(seconds)}.${three(milliseconds % 1000)}Z`;
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function three(value: number): string {
  return value < 100 ? `0${two(value)}` : String(value);
}
