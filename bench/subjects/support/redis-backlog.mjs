import { connect, namesOf } from './redis-floor-client.mjs';

/** Counts the entries of the stream, over a connection of its own: what is acknowledged is deleted. */
export async function countEntries(address) {
  const { stream } = namesOf(address);
  const redis = await connect(address);
  return () => redis.xlen(stream);
}
