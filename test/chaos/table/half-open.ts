import { tested } from './coverage.js';

const MYSQL = 'a connection to MySQL that falls silent in the middle of a claim';

/** What a server would keep locked for hours, by the transports whose transactions take more than one exchange. */
export const HALF_OPEN = {
  postgres: tested(
    'test/integration/postgres/two-tables.spec.ts',
    'two transports on two tables of one PostgreSQL > are kept from others for seconds, not for hours, by a connection that falls silent in the middle',
  ),
  mysql: tested(
    'test/integration/mysql/connection-loss.spec.ts',
    `${MYSQL} > keeps a message of the queue from others for seconds, not for hours`,
    `${MYSQL} > keeps a message of the outbox from others for seconds, not for hours`,
  ),
};
