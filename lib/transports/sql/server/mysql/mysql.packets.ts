import { MysqlPacketError } from './mysql.packet-error.js';

/** What a packet holds besides the texts of its statements: its own beginning, and the transaction's beginning with its limit, or the end of that. */
const OVERHEAD_BYTES = 64;

/** Between two statements of a packet. */
export const SEPARATOR = '; ';

/**
 * Statements in their order, as few packets as hold them.
 *
 * @throws MysqlPacketError when one fits into none.
 */
export function packetsOf(
  statements: readonly string[],
  maxPacket: number,
): ReadonlyArray<readonly string[]> {
  return groupsOf(statements, SEPARATOR.length, maxPacket - OVERHEAD_BYTES, maxPacket);
}

/**
 * Statements of `head`, some of `tuples`, separated by commas, and `tail`, each as long as a packet may be.
 *
 * @throws MysqlPacketError when one tuple is too long.
 */
export function listStatements(
  head: string,
  tuples: readonly string[],
  tail: string,
  maxPacket: number,
): readonly string[] {
  const room = maxPacket - OVERHEAD_BYTES - Buffer.byteLength(head + tail);
  return groupsOf(tuples, 1, room, maxPacket).map((group) => head + group.join(',') + tail);
}

function groupsOf(
  texts: readonly string[],
  separator: number,
  room: number,
  maxPacket: number,
): ReadonlyArray<readonly string[]> {
  const groups: string[][] = [];
  let left = 0;
  for (const text of texts) {
    const size = Buffer.byteLength(text);
    if (size > room) {
      throw new MysqlPacketError(maxPacket + size - room, maxPacket);
    }
    const last = groups.at(-1);
    if (last === undefined || size + separator > left) {
      groups.push([text]);
      left = room - size;
    } else {
      last.push(text);
      left -= size + separator;
    }
  }
  return groups;
}
