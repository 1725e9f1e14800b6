const SHORTEST = 2_000;
const STEP = 100;
const DISTINCT = 21;

/**
 * The delay of a message by its number, in milliseconds: 21 different ones, from 2 to 4 seconds. None has more than two
 * significant digits, to which the amqp transport rounds up: what is measured as late is late beyond that.
 */
export function delayOf(orderId) {
  return SHORTEST + (orderId % DISTINCT) * STEP;
}

/** The longest of them. */
export const LONGEST_DELAY = delayOf(DISTINCT - 1);
