/** The broker has taken no messages for longer than could be waited. Nothing was sent. */
export class AmqpBlockedError extends Error {
  constructor(
    /** The broker's word, such as `low on memory`. */
    readonly reason: string | undefined,
    limit: number,
  ) {
    super(`it has taken no messages for ${limit} ms (${reason ?? 'for a reason it does not tell'})`);
    this.name = 'AmqpBlockedError';
  }
}
