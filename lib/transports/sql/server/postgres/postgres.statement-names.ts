import { createHash } from 'node:crypto';
import type { PgNamedStatement } from './postgres.driver.js';
import { isUnknownStatement } from './postgres.errors.js';

/**
 * Names statements, so that connections keep them prepared.
 *
 * A pooler that hands out another connection of the server for each transaction may know nothing of that. The first error which
 * says so ends it for this process; what was refused so has not been carried out, and may be sent again.
 */
export class StatementNames {
  readonly #statements = new Map<string, PgNamedStatement>();
  #areUseful = true;

  /** What to send for a statement. */
  of(sql: string): string | PgNamedStatement {
    if (!this.#areUseful) {
      return sql;
    }
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      // The connection may be the application's, with names of its own.
      const digest = createHash('sha256').update(sql).digest('base64url').slice(0, 22);
      statement = { name: `messenger_${digest}`, text: sql };
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Gives no more names if `error` says that they do not work here. */
  failed(error: unknown): void {
    this.#areUseful &&= !isUnknownStatement(error);
  }
}
