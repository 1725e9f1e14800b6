/** Another process holds the lock of those who change tables. */
export class MysqlBusyError extends Error {
  constructor(readonly lock: string) {
    super(
      `another process has been creating or upgrading tables for a long time: it holds the lock "${lock}". Find it in the list of ` +
        'processes of the server, and run "setup-transports" again when it has ended',
    );
    this.name = 'MysqlBusyError';
  }
}
