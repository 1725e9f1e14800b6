/** A statement is larger than what the server accepts, so it was not sent. */
export class MysqlPacketError extends Error {
  /** @param size, limit bytes. */
  constructor(
    readonly size: number,
    readonly limit: number,
  ) {
    super(
      `a message needs a packet of ${size} bytes, its "max_allowed_packet" is ${limit}. Raise that setting of the server, or send ` +
        'less with the message',
    );
    this.name = 'MysqlPacketError';
  }
}
