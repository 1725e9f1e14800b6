/** Work may go on for this long before timers and sockets get a turn. */
const LONGEST_TURN_MS = 20;

/**
 * Sees to it that quick handlers, which never wait for anything, do not keep the event loop from timers, sockets and
 * signals: a chain of promises alone never gives way to them.
 */
export class EventLoopTurn {
  #startedAt = 0;
  #isEnding = false;

  /** Whether to stop here and go on in the next turn. If so, `resume` is called then, once. */
  mustEnd(resume: () => void): boolean {
    if (this.#isEnding) {
      return true;
    }
    if (performance.now() - this.#startedAt <= LONGEST_TURN_MS) {
      return false;
    }
    this.#isEnding = true;
    setImmediate(() => {
      this.#isEnding = false;
      this.#startedAt = performance.now();
      resume();
    });
    return true;
  }
}
