import ms from 'ms';
import { Stamp } from '../envelope/stamp.js';
import { InvalidStampError } from '../errors/invalid-stamp.error.js';

/** Longest delay accepted: 100 years. Anything longer is a unit mistaken. */
export const MAX_DELAY_MS = 100 * 365.25 * 24 * 3600 * 1000;

/** Holds a message back in its transport for `delay` milliseconds before a worker may receive it. */
export class DelayStamp extends Stamp {
  /**
   * @param delay milliseconds, zero or more; fractions are rounded up.
   * @throws InvalidStampError when `delay` is negative, not a number, or longer than 100 years.
   */
  readonly delay: number;

  constructor(delay: number) {
    super();
    if (!(delay >= 0 && delay <= MAX_DELAY_MS)) {
      throw new InvalidStampError(
        'DelayStamp',
        `the delay must be from 0 to ${MAX_DELAY_MS} ms, got ${String(delay)}`,
      );
    }
    this.delay = Math.ceil(delay);
  }

  /** A delay written for people: `'5 minutes'`, `'1h'`, `'250 ms'`, or a number of milliseconds. */
  static for(duration: string | number): DelayStamp {
    const delay = typeof duration === 'number' ? duration : ms(duration as ms.StringValue);
    if (typeof delay !== 'number' || Number.isNaN(delay)) {
      throw new InvalidStampError(
        'DelayStamp',
        `"${duration}" is not a duration; write "5 minutes", "1h" or "250 ms"`,
      );
    }
    return new DelayStamp(delay);
  }

  /** A delay that ends at `date`; a date that has passed means no delay. `now` is the current epoch in milliseconds. */
  static until(date: Date, now: number = Date.now()): DelayStamp {
    return new DelayStamp(Math.max(0, date.getTime() - now));
  }
}
