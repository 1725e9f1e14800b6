/*
 * Counters of the statements in what a client sends: called with each piece, they return how many were completed by it.
 * A text with several statements is one.
 */

const POSTGRES_QUERY = 'Q'.charCodeAt(0);
const POSTGRES_EXECUTE = 'E'.charCodeAt(0);
const POSTGRES_PROTOCOL = 3;

const MYSQL_QUERY = 0x03;
const MYSQL_EXECUTE = 0x17;

/** Simple queries and executions of the extended protocol, on a connection that is not encrypted. */
export function postgresStatements() {
  let isStarted = false;
  return framed((bytes) => {
    const type = isStarted ? 1 : 0;
    if (bytes.length < type + 4) return undefined;
    const end = type + bytes.readInt32BE(type);
    if (bytes.length < end) return undefined;
    if (isStarted) return { end, isStatement: bytes[0] === POSTGRES_QUERY || bytes[0] === POSTGRES_EXECUTE };
    isStarted = bytes.readInt16BE(4) === POSTGRES_PROTOCOL;
    return { end, isStatement: false };
  });
}

/** Queries and executions of prepared statements, on a connection that is neither encrypted nor compressed. */
export function mysqlStatements() {
  return framed((bytes) => {
    if (bytes.length < 5) return undefined;
    const end = 4 + bytes.readUIntLE(0, 3);
    if (bytes.length < end) return undefined;
    const isCommand = bytes[3] === 0;
    return { end, isStatement: isCommand && (bytes[4] === MYSQL_QUERY || bytes[4] === MYSQL_EXECUTE) };
  });
}

/** @param {(bytes: Buffer) => { end: number, isStatement: boolean } | undefined} next The first frame, if it is complete. */
function framed(next) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let count = 0;
    for (let frame = next(rest); frame !== undefined; frame = next(rest)) {
      rest = rest.subarray(frame.end);
      if (frame.isStatement) count++;
    }
    return count;
  };
}
