/** The server is older than what this transport needs. Its text is completed by the name of the server. */
export class MysqlVersionError extends Error {
  constructor(readonly version: string) {
    super(
      `its version is ${version}; it must be MariaDB 10.6 or MySQL 8.0.1, or later, which have SKIP LOCKED`,
    );
    this.name = 'MysqlVersionError';
  }
}
