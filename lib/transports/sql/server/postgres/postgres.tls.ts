import type { ConnectionOptions } from 'node:tls';
import { InvalidOptionError } from '../../../../errors/invalid-option.error.js';
import { assertUsableKey, certificatesIn, pemIn } from '../server.pem.js';

/** How a connection is secured: the part of Node's `tls.connect` options that may be chosen. */
export type PostgresTls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'checkServerIdentity'
>;

/** The modes of TLS by libpq's names, without those that promise nothing. */
export const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** The options that concern TLS, in libpq's names and with their meaning there. */
export interface PostgresTlsOptions {
  /**
   * `disable`: no TLS. `require`: TLS, whoever answers, unless `sslrootcert` is given; then as `verify-ca`. `verify-ca`: with a
   * certificate that is trusted. `verify-full`: which is for the host that is connected to, too.
   *
   * @default 'disable'; 'verify-full' if `sslrootcert` or `sslcert` is given
   */
  readonly sslmode?: (typeof SSL_MODES)[number];
  /** A PEM file of the authorities to trust; `system` for those of Node.js. @default those of Node.js */
  readonly sslrootcert?: string;
  /** A PEM file of the client's certificate. */
  readonly sslcert?: string;
  /** A PEM file of the client's private key. */
  readonly sslkey?: string;
  /** The passphrase of the private key. */
  readonly sslpassword?: string;
}

/**
 * Reads the options of the transport `transportName` that concern TLS, and the files they name.
 *
 * @throws InvalidOptionError
 */
export function tlsOf(transportName: string, options: PostgresTlsOptions): PostgresTls | false {
  const where = `Transport "${transportName}"`;
  const { sslrootcert, sslcert, sslkey, sslpassword } = options;
  const hasFiles = sslrootcert !== undefined || sslcert !== undefined || sslkey !== undefined;
  const mode = options.sslmode ?? (hasFiles ? 'verify-full' : 'disable');
  if (mode === 'disable') {
    if (hasFiles) {
      throw new InvalidOptionError(where, 'sslmode', 'is "disable", but there are certificates for TLS');
    }
    return false;
  }
  if ((sslcert === undefined) !== (sslkey === undefined)) {
    const [missing, present] = sslcert === undefined ? ['sslcert', 'sslkey'] : ['sslkey', 'sslcert'];
    throw new InvalidOptionError(
      where,
      missing,
      `is missing, while "${present}" is given; they belong together`,
    );
  }
  const isSystem = sslrootcert === undefined || sslrootcert === 'system';
  const tls = {
    ...(!isSystem && { ca: certificatesIn(where, 'sslrootcert', sslrootcert) }),
    ...(sslcert !== undefined && { cert: pemIn(where, 'sslcert', sslcert) }),
    ...(sslkey !== undefined && { key: pemIn(where, 'sslkey', sslkey) }),
    ...(sslpassword !== undefined && { passphrase: sslpassword }),
  };
  assertUsableKey(where, 'sslkey', tls);
  const isVerified = mode !== 'require' || sslrootcert !== undefined;
  return {
    ...tls,
    rejectUnauthorized: isVerified,
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}
