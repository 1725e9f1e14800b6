import { isIPv6 } from 'node:net';
import { refusal } from '../../transport/options.js';

/** A host whose port may be left to a default. */
export interface NamedHost {
  readonly host: string;
  readonly port?: number;
}

/** `name`, `name:port`, `[address]`, `[address]:port`. */
const HOST_AND_PORT = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/;
const HOST_NAME = /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]{0,251}[\p{L}\p{N}_.])?$/u;

/** Parses `host` or `host:port`. Throws a text that says what is wrong and does not repeat it. */
export function parseHost(text: string): NamedHost {
  const [, address, name, port] = HOST_AND_PORT.exec(text) ?? [];
  const host = (address ?? name)?.toLowerCase();
  if (host === undefined || !(address === undefined ? HOST_NAME.test(host) : isIPv6(host))) {
    throw refusal(
      'a host must be a name of letters, digits, "-", "_" and ".", or an address, an IPv6 one in brackets',
    );
  }
  return port === undefined ? { host } : { host, port: parsePort(port) };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw refusal('a port must be a number from 1 to 65535');
  }
  return port;
}
