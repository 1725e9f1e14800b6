import type { RedisReceivedStamp } from './redis.stamps.js';

/** A message as Redis handed it out. */
export interface RedisDelivery {
  readonly id: string;
  /** Which delivery it is, from 1; 0 for a message that was claimed by its id. */
  readonly count: number;
  /** Field and value in turn. */
  readonly fields: readonly Uint8Array[];
}

/** What is needed to settle a delivery. */
export type RedisClaim = Pick<RedisReceivedStamp, 'id' | 'deliveryCount'>;

type RawEntry = readonly [id: Uint8Array, fields: readonly Uint8Array[] | null];
type RawDelivery = readonly [id: Uint8Array, count: number, fields: readonly Uint8Array[]];

/** The new messages in the reply of XREADGROUP, by the key of their stream. */
export function entriesOf(reply: unknown): ReadonlyMap<string, readonly RedisDelivery[]> {
  const streams = (reply ?? []) as ReadonlyArray<readonly [Uint8Array, readonly RawEntry[]]>;
  return new Map(
    streams.map(([key, entries]) => [
      textOf(key),
      entries.map(([id, fields]) => ({ id: textOf(id), count: 1, fields: fields ?? [] })),
    ]),
  );
}

/** The messages in the reply of a script that claims. */
export function deliveriesOf(reply: unknown): readonly RedisDelivery[] {
  return (reply as readonly RawDelivery[]).map(([id, count, fields]) => ({ id: textOf(id), count, fields }));
}

export function textOf(bytes: unknown): string {
  return Buffer.isBuffer(bytes) ? bytes.toString('utf8') : String(bytes);
}
