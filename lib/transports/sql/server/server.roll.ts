import type { RollEntry, WorkerRoll } from '../../../transport/capabilities.js';
import type { ServerTable } from './server.table.js';

/** The roll of the workers on a table, by the clock of the database. */
export class ServerRoll implements WorkerRoll {
  readonly place: string;
  readonly #table: ServerTable;

  constructor(table: ServerTable) {
    this.#table = table;
    this.place = `${table.database.location} ${table.name}`;
  }

  async enter(id: string, details: string, ttl: number): Promise<void> {
    await this.#table.run((session) => this.#table.roll.enter(session, { id, details, ttl: Math.ceil(ttl) }));
  }

  async leave(id: string): Promise<void> {
    await this.#table.run((session) => this.#table.roll.leave(session, id));
  }

  async entries(): Promise<readonly RollEntry[]> {
    return this.#table.run((session) => this.#table.roll.entries(session));
  }
}
