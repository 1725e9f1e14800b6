import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { refusal } from '../../transport/options.js';

/** How a connection is secured: the part of Node's `tls.connect` options that may be chosen. */
export type AmqpTls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized'>;

/** The options of an `amqps:` transport that concern TLS. Files hold PEM; PEM itself may be given instead, though not in a DSN. */
export interface AmqpTlsOptions {
  /** The file of the authorities to trust. @default those of Node.js */
  readonly cacert?: string | Buffer;
  /** The file of the client's certificate, and of its key unless there is `key`. */
  readonly cert?: string | Buffer;
  /** The file of the client's private key. */
  readonly key?: string | Buffer;
  /** Of the private key. */
  readonly passphrase?: string;
  /** Whether the server's certificate must be trusted, and be for the host that is connected to. @default true */
  readonly verify?: boolean;
}

const PEM_BEGINS = '-----BEGIN ';

/**
 * Reads the files that `options` of the transport `transportName` name.
 *
 * @throws InvalidOptionError for a file that cannot be read or does not hold what it should, and for a key that does not fit; it
 * never shows what a file holds.
 */
export function tlsOf(transportName: string, options: AmqpTlsOptions): AmqpTls {
  const where = `Transport "${transportName}"`;
  const ca = contentOf(where, 'cacert', options.cacert);
  const cert = contentOf(where, 'cert', options.cert);
  const key = contentOf(where, 'key', options.key) ?? keyBeside(where, cert);
  if (key !== undefined && cert === undefined) {
    throw new InvalidOptionError(where, 'key', 'needs the certificate that it belongs to, the option "cert"');
  }
  const { passphrase, verify } = options;
  const tls: AmqpTls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert, key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(verify !== undefined && { rejectUnauthorized: verify }),
  };
  return checked(where, tls);
}

function contentOf(where: string, option: keyof AmqpTlsOptions, value: string | Buffer | undefined) {
  if (value === undefined) {
    return undefined;
  }
  const isFile = typeof value === 'string' && !value.includes(PEM_BEGINS);
  const pem = isFile ? contentOfFile(where, option, value) : value;
  const isUsable = option === 'cacert' ? isCertificate(pem) : pem.includes(PEM_BEGINS);
  if (!isUsable) {
    const what = option === 'cacert' ? 'PEM certificates' : 'PEM';
    throw new InvalidOptionError(
      where,
      option,
      isFile ? `names the file "${value}", which does not hold ${what}` : `must hold ${what}`,
    );
  }
  return pem;
}

function contentOfFile(where: string, option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new InvalidOptionError(where, option, `names the file "${file}", which cannot be read (${code})`);
  }
}

/** One file may hold both, as many tools write them. */
function keyBeside(where: string, cert: string | Buffer | undefined): string | Buffer | undefined {
  if (cert !== undefined && !cert.includes('PRIVATE KEY-----')) {
    throw new InvalidOptionError(
      where,
      'cert',
      'has a certificate without its private key; name its file in the option "key"',
    );
  }
  return cert;
}

/** Node.js passes over what is no certificate, and then trusts nobody. */
function isCertificate(pem: string | Buffer): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** A wrong passphrase, or a key of another certificate, shall be found at boot and not at each connection. */
function checked(where: string, tls: AmqpTls): AmqpTls {
  const { ca, cert, key, passphrase } = tls;
  try {
    createSecureContext({ ca, cert, key, passphrase });
  } catch (error) {
    throw new InvalidOptionError(
      where,
      tls.cert === undefined ? 'cacert' : 'key',
      `is refused by OpenSSL: ${(error as Error).message}`,
    );
  }
  return tls;
}

/** The reader of `cacert`, `cert` and `key`. Its errors do not show the value, which may be a key. */
export function readPemOrFile(value: unknown): string | Buffer {
  if ((typeof value !== 'string' || value === '') && !Buffer.isBuffer(value)) {
    throw refusal('must be the name of a file, or PEM');
  }
  return value;
}
