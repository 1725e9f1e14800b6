/**
 * Whether a thrown value is an error of this class. Unlike `instanceof` it never throws, whatever was thrown: a proxy may
 * refuse even to say what it is.
 */
export function isThrown<E extends Error>(
  thrown: unknown,
  type: abstract new (...args: never[]) => E,
): thrown is E {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}
