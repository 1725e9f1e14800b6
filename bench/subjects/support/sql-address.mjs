/**
 * The server's URL with its database, and the name that the tables or the schema are to have.
 *
 * @param {string} address An address of `transports/postgres.mjs` or `transports/mysql.mjs`.
 */
export function locate(address) {
  const url = new URL(address);
  const [, database, name] = url.pathname.split('/');
  url.pathname = `/${database}`;
  return { server: url.href, name };
}

/** The same as a DSN. */
export function dsnOf(address) {
  const { server, name } = locate(address);
  return `${server}?table_name=${name}`;
}
