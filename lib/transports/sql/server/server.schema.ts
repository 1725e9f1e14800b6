import { TransportError } from '../../../errors/transport.error.js';
import type { ServerSchemaSteps } from './server.dialect.js';
import type { ServerSession } from './server.pool.js';

/** Finds out which version of the schema a table has, and brings it to the current one. */
export class ServerSchema {
  readonly #steps: ServerSchemaSteps;
  readonly #table: string;
  readonly #transportName: string;

  /** @param table as `table_name` has it. */
  constructor(steps: ServerSchemaSteps, table: string, transportName: string) {
    this.#steps = steps;
    this.#table = table;
    this.#transportName = transportName;
  }

  /** The statements that make the table where there is none. */
  get script(): readonly string[] {
    const { migrations, createVersions } = this.#steps;
    return [...migrations.flat(), createVersions, this.#steps.recordVersionSql(migrations.length)];
  }

  /**
   * Checks that the table is the one this version works with.
   *
   * @throws TransportError when it is missing, older, newer, or not ours.
   */
  async verify(session: ServerSession): Promise<void> {
    const version = await this.#version(session);
    const needed = this.#steps.migrations.length;
    if (version < needed) {
      throw this.#error(
        version === 0
          ? `the table "${this.#table}" does not exist. Run "setup-transports", or set "auto_setup" to true.`
          : `the table "${this.#table}" has schema version ${version}, this package needs ${needed}. ` +
              'Run "setup-transports", or set "auto_setup" to true.',
      );
    }
  }

  /**
   * Creates or upgrades the table in one transaction; does nothing to one that is up to date.
   *
   * @throws TransportError when the table is newer than this package, or not ours.
   */
  async migrate(session: ServerSession): Promise<void> {
    const { migrations, createVersions } = this.#steps;
    if ((await this.#version(session)) === migrations.length) {
      return;
    }
    await this.#steps.exclusively(session, async (connection) => {
      // Read again: another process may have done it while this one waited for its turn.
      const version = await this.#version(connection);
      if (version === migrations.length) {
        return;
      }
      for (const statement of [createVersions, ...migrations.slice(version).flat()]) {
        await connection.query(statement, []);
      }
      await this.#steps.recordVersion(connection, migrations.length);
    });
  }

  async #version(session: Parameters<ServerSchemaSteps['version']>[0]): Promise<number> {
    const version = await this.#steps.version(session);
    const known = this.#steps.migrations.length;
    if (version === 'foreign') {
      throw this.#error(
        `the table "${this.#table}" exists already and was not made by this transport. ` +
          'Choose another "table_name".',
      );
    }
    if (version > known) {
      throw this.#error(
        `the table "${this.#table}" has schema version ${version}, but this version of nestjs-messenger knows ` +
          `${known} at most. Upgrade the package in this application, or choose another "table_name".`,
      );
    }
    return version;
  }

  #error(what: string): TransportError {
    return new TransportError(this.#transportName, what);
  }
}
