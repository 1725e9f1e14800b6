import { createHash } from 'node:crypto';
import type { Notice } from '../server.notices.js';

/** The longest name of a channel, in bytes. */
const MAX_CHANNEL_BYTES = 63;

/** The channel on which what concerns a table is told. */
export function channelOf(table: string): string {
  const channel = `nestjs_messenger.${table}`;
  return Buffer.byteLength(channel) <= MAX_CHANNEL_BYTES
    ? channel
    : `nestjs_messenger.${createHash('sha1').update(table).digest('hex')}`;
}

/** @param teller names the process that tells, so that it does not heed itself. */
export function encodeNotice(teller: string, notice: Notice): string {
  return JSON.stringify(
    'signal' in notice
      ? [teller, 'signal', notice.signal]
      : [teller, 'due', notice.queue, Math.ceil(notice.dueIn)],
  );
}

/** The notice in a payload; nothing if `listener` told it itself, or if it cannot be read. */
export function decodeNotice(listener: string, payload: string): Notice | undefined {
  try {
    const [teller, kind, name, dueIn] = JSON.parse(payload) as readonly unknown[];
    if (teller === listener || typeof name !== 'string') {
      return undefined;
    }
    return kind === 'signal' ? { signal: name } : { queue: name, dueIn: Number(dueIn ?? 0) };
  } catch {
    return undefined;
  }
}
