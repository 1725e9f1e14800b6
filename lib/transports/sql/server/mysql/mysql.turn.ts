import { IDLE_LIMIT_MS } from '../server.pool.js';
import { limitedTo, type MysqlSession, UNLIMITED } from './mysql.session.js';

/** A named lock of the server, which one session has at a time. */
export interface MysqlTurn {
  /** -> `is_ours`, 1 once the session has it */
  readonly take: string;
  readonly end: string;
}

/**
 * Runs `work` while the session has its turn. The server ends the session, and with it the turn, when it hears nothing of it for
 * {@link IDLE_LIMIT_MS}.
 *
 * @returns nothing when another session has the turn for too long.
 */
export async function inTurn<T>(
  session: MysqlSession,
  { take, end }: MysqlTurn,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  const [, answer] = await session.send([limitedTo(IDLE_LIMIT_MS), take]);
  const isOurs = Number(answer?.rows[0]?.['is_ours']) === 1;
  try {
    return isOurs ? { result: await work() } : undefined;
  } finally {
    // Lost with the connection otherwise.
    await session.send(isOurs ? [end, UNLIMITED] : [UNLIMITED]).catch(() => undefined);
  }
}
