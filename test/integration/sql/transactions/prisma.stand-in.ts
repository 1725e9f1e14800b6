import type { SqlResult } from '../../../../lib/transports/sql/transactions/sql-connection.js';
import { beginInCallback, type OpenLibrary } from './library.js';

/** One statement in a transaction that was begun for it. */
type Send = (sql: string, values: readonly unknown[]) => Promise<SqlResult>;

/**
 * Has the methods of Prisma that are used, and answers as it does: rows or a number, and no id. Its own client has to be
 * generated, by packages that take 300 MB. The whole suite was run with it, version 7.10.0, on both servers.
 *
 * @param transaction begins a transaction and ends it as the function that it is given does
 */
export function openPrismaStandIn(
  transaction: (work: (send: Send) => Promise<void>) => Promise<void>,
  close: () => Promise<void>,
): OpenLibrary {
  const clientOf = (send: Send) => ({
    $queryRawUnsafe: async (sql: string, ...values: readonly unknown[]) => (await send(sql, values)).rows,
    $executeRawUnsafe: async (sql: string, ...values: readonly unknown[]) =>
      (await send(sql, values)).affected,
  });
  const begin = () =>
    beginInCallback<object>((work) => {
      let isOpen = true;
      return transaction((send) =>
        work(
          clientOf((sql, values) =>
            isOpen ? send(sql, values) : Promise.reject(new Error('Transaction already closed')),
          ),
        ).finally(() => {
          isOpen = false;
        }),
      );
    });
  const root = { ...clientOf(() => Promise.reject(new Error('No transaction'))), $connect: close };
  return {
    begin,
    mistakes: [{ given: 'A client of Prisma', handle: root }],
    hidesDialect: true,
    close,
  };
}
