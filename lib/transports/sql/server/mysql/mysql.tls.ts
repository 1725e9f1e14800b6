import { isIP } from 'node:net';
import { InvalidOptionError } from '../../../../errors/invalid-option.error.js';
import { assertUsableKey, certificatesIn, pemIn } from '../server.pem.js';

/** How a connection is secured, as mysql2 takes it. */
export interface MysqlTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly rejectUnauthorized: boolean;
  /** Whether the certificate must be for the host. */
  readonly verifyIdentity: boolean;
}

/** The modes of TLS by the names of MySQL's own client, without the one that promises nothing. */
export const SSL_MODES = ['disabled', 'required', 'verify_ca', 'verify_identity'] as const;

/** The options that concern TLS, in the names of MySQL's own client and with their meaning there. */
export interface MysqlTlsOptions {
  /**
   * `disabled`: no TLS. `required`: TLS, whoever answers. `verify_ca`: with a certificate that is trusted. `verify_identity`: which
   * is for the host that is connected to, too.
   *
   * @default 'disabled'; 'verify_identity' if `sslCa` or `sslCert` is given
   */
  readonly sslMode?: (typeof SSL_MODES)[number];
  /** A PEM file of the authorities to trust. @default those of Node.js */
  readonly sslCa?: string;
  /** A PEM file of the client's certificate. */
  readonly sslCert?: string;
  /** A PEM file of the client's private key. */
  readonly sslKey?: string;
  /** The passphrase of the private key. */
  readonly sslPassword?: string;
}

/**
 * Reads the options of the transport `transportName` that concern TLS, and the files they name.
 *
 * @param host that is connected to; nothing for a socket.
 * @throws InvalidOptionError
 */
export function tlsOf(
  transportName: string,
  options: MysqlTlsOptions,
  host: string | undefined,
): MysqlTls | false {
  const where = `Transport "${transportName}"`;
  const { sslCa, sslCert, sslKey, sslPassword } = options;
  const hasFiles = sslCa !== undefined || sslCert !== undefined || sslKey !== undefined;
  const mode = options.sslMode ?? (hasFiles ? 'verify_identity' : 'disabled');
  if (mode === 'disabled') {
    if (hasFiles) {
      throw new InvalidOptionError(where, 'ssl-mode', 'is "disabled", but there are certificates for TLS');
    }
    return false;
  }
  if ((sslCert === undefined) !== (sslKey === undefined)) {
    const [missing, present] = sslCert === undefined ? ['ssl-cert', 'ssl-key'] : ['ssl-key', 'ssl-cert'];
    throw new InvalidOptionError(
      where,
      missing,
      `is missing, while "${present}" is given; they belong together`,
    );
  }
  if (mode === 'verify_identity') {
    assertComparable(where, host);
  }
  const tls = {
    ...(sslCa !== undefined && { ca: certificatesIn(where, 'ssl-ca', sslCa) }),
    ...(sslCert !== undefined && { cert: pemIn(where, 'ssl-cert', sslCert) }),
    ...(sslKey !== undefined && { key: pemIn(where, 'ssl-key', sslKey) }),
    ...(sslPassword !== undefined && { passphrase: sslPassword }),
  };
  assertUsableKey(where, 'ssl-key', tls);
  return {
    ...tls,
    rejectUnauthorized: mode !== 'required',
    verifyIdentity: mode === 'verify_identity',
  };
}

/** Given an address, mysql2 compares the certificate with the name "localhost" instead. */
function assertComparable(where: string, host: string | undefined): void {
  if (host === undefined || isIP(host) !== 0) {
    throw new InvalidOptionError(
      where,
      'ssl-mode',
      `is "verify_identity", which needs a host that is a name; the driver cannot compare ${host === undefined ? 'a socket' : `the address "${host}"`} ` +
        'with a certificate. Name the host, or say "verify_ca"',
    );
  }
}
