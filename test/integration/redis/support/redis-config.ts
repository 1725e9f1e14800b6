import type { Certificates } from './certificates.js';

/** What a test wants of its server. Everything is off unless said otherwise. */
export interface RedisServerOptions {
  /** Keeps what was written across restarts, also after SIGKILL. */
  readonly appendonly?: boolean;
  /** The password of the user "default". */
  readonly requirepass?: string;
  /** More users, as `ACL SETUSER` takes them: `alice on >secret ~orders* +@all`. */
  readonly acl?: readonly string[];
  /** Listens on a unix socket too. */
  readonly unixSocket?: boolean;
  /** Talks TLS only; `'mutual'`: to clients with a certificate only. */
  readonly tls?: boolean | 'mutual';
  readonly replicaOf?: { readonly port: number };
  /** With a unit: `100mb`. */
  readonly maxmemory?: string;
  readonly maxmemoryPolicy?: string;
  /** Further lines of `redis.conf`; they win over all others. */
  readonly config?: readonly string[];
}

export interface ServerPlace {
  readonly folder: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  readonly certificates: Certificates | undefined;
}

/** The lines of `redis.conf`. */
export function redisConfig(options: RedisServerOptions, place: ServerPlace): readonly string[] {
  const { requirepass, replicaOf, maxmemory, maxmemoryPolicy } = options;
  return [
    'bind 127.0.0.1',
    `dir ${quote(place.folder)}`,
    'save ""',
    `appendonly ${options.appendonly === true ? 'yes' : 'no'}`,
    // A replica is served at once and not after the five seconds in which others might come.
    'repl-diskless-sync-delay 0',
    ...listening(options, place),
    ...given(requirepass, (password) => [`requirepass ${quote(password)}`, `masterauth ${quote(password)}`]),
    ...(options.acl ?? []).map((user) => `user ${user}`),
    ...given(replicaOf, ({ port }) => [`replicaof 127.0.0.1 ${port}`]),
    ...given(maxmemory, (size) => [`maxmemory ${size}`]),
    ...given(maxmemoryPolicy, (policy) => [`maxmemory-policy ${policy}`]),
    ...(options.config ?? []),
  ];
}

function listening({ tls }: RedisServerOptions, place: ServerPlace): readonly string[] {
  const { port, socketPath, certificates } = place;
  const tcp = given(certificates, ({ caFile, server }) => [
    'port 0',
    `tls-port ${port}`,
    `tls-ca-cert-file ${quote(caFile)}`,
    `tls-cert-file ${quote(server.certFile)}`,
    `tls-key-file ${quote(server.keyFile)}`,
    `tls-auth-clients ${tls === 'mutual' ? 'yes' : 'no'}`,
  ]);
  return [
    ...(tcp.length > 0 ? tcp : [`port ${port}`]),
    ...given(socketPath, (path) => [`unixsocket ${quote(path)}`]),
  ];
}

function given<T>(value: T | undefined, lines: (value: T) => readonly string[]): readonly string[] {
  return value === undefined ? [] : lines(value);
}

/** Double quotes in `redis.conf` take the escapes of JSON. */
function quote(text: string): string {
  return JSON.stringify(text);
}
