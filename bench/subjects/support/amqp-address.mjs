/**
 * The server's URL with its virtual host, and the name that the queue is to have.
 *
 * @param {string} address An address of `transports/amqp.mjs`.
 */
export function locate(address) {
  const url = new URL(address);
  const [, vhost, name] = url.pathname.split('/');
  url.pathname = vhost;
  return { server: url.href, name };
}

/** The same as a DSN, with an exchange for delays that nobody else uses, so that it can be removed. */
export function dsnOf(address) {
  const { name } = locate(address);
  return `${address}?delay[exchange_name]=${name}.delays`;
}
