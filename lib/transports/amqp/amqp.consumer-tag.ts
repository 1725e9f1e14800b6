import { randomBytes } from 'node:crypto';

/** Which process this is, for people who look at the broker. */
export interface AmqpProcess {
  readonly host: string;
  readonly pid: number;
}

/** A tag may have 255 bytes; the random part and what the cut through a letter may add take the others. */
const MAX_NAME_BYTES = 220;

/** A name for a consumer that no other has: `host:pid:transport:random`. The broker shows it in its list of consumers. */
export function newConsumerTag({ host, pid }: AmqpProcess, transportName: string): string {
  const name = Buffer.from(`${host}:${pid}:${transportName}`);
  return `${name.toString('utf8', 0, MAX_NAME_BYTES)}:${randomBytes(6).toString('base64url')}`;
}
