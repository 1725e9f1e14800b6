import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { nearestName } from '../../errors/nearest-name.js';
import { UnknownOptionError } from '../../errors/unknown-option.error.js';
import { type OptionReader, read, refusal, toCamelCase } from '../../transport/options.js';

/** How a connection is secured: the part of Node's `tls.connect` options that may be chosen. */
export type RedisTls = Pick<
  ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'key'
  | 'passphrase'
  | 'servername'
  | 'rejectUnauthorized'
  | 'checkServerIdentity'
  | 'ciphers'
>;

/**
 * The option `ssl` of a `rediss:` transport, in the names of PHP's stream contexts, which a DSN may share with a PHP
 * application, or in those of Node.js.
 */
export interface RedisSslOptions {
  /** Whether the server's certificate must be trusted. @default true */
  readonly verify_peer?: boolean;
  /** Whether the certificate must be for the host that is connected to. @default true */
  readonly verify_peer_name?: boolean;
  /**
   * Accept a certificate that nobody vouches for. Node.js cannot tell it from other certificates that are not trusted, so this
   * is `verify_peer: false`: whoever can answer in the server's place is able to sign a certificate for himself anyway.
   *
   * @default false
   */
  readonly allow_self_signed?: boolean;
  /** The name the certificate must be for. @default the host that is connected to */
  readonly peer_name?: string;
  /** A PEM file of the authorities to trust. @default those of Node.js */
  readonly cafile?: string;
  /** A PEM file of the client's certificate, and of its key unless there is `local_pk`. */
  readonly local_cert?: string;
  /** A PEM file of the client's private key. */
  readonly local_pk?: string;
  /** Of the private key. */
  readonly passphrase?: string;
  /** The ciphers to choose from, as OpenSSL writes them. */
  readonly ciphers?: string;
  /** PEM texts instead of `cafile`. */
  readonly ca?: string | Buffer | ReadonlyArray<string | Buffer>;
  /** A PEM text instead of `local_cert`. */
  readonly cert?: string | Buffer;
  /** A PEM text instead of `local_pk`. Not in a DSN, which is shown in places. */
  readonly key?: string | Buffer;
  /** Instead of `peer_name`. */
  readonly servername?: string;
  /** Instead of `verify_peer`. */
  readonly rejectUnauthorized?: boolean;
  /** Instead of `verify_peer_name`: returns what is wrong with a certificate's names, if anything is. */
  readonly checkServerIdentity?: NonNullable<ConnectionOptions['checkServerIdentity']>;
}

type Setting = readonly [field: keyof RedisTls, read: OptionReader<unknown>];

/** One function, not one for each transport, so that transports with equal settings share connections. */
const acceptAnyName = (): undefined => undefined;

/** What each name sets. An undefined value sets nothing. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  verifyPeer: ['rejectUnauthorized', read.boolean],
  allowSelfSigned: ['rejectUnauthorized', (value) => (read.boolean(value) ? false : undefined)],
  rejectUnauthorized: ['rejectUnauthorized', read.boolean],
  verifyPeerName: ['checkServerIdentity', (value) => (read.boolean(value) ? undefined : acceptAnyName)],
  checkServerIdentity: ['checkServerIdentity', readFunction],
  peerName: ['servername', read.text],
  servername: ['servername', read.text],
  cafile: ['ca', (value) => readPemFile(value, readCertificates)],
  ca: ['ca', readCertificates],
  localCert: ['cert', readPemFile],
  cert: ['cert', readPem],
  localPk: ['key', readPemFile],
  key: ['key', readPem],
  passphrase: ['passphrase', readSecret],
  ciphers: ['ciphers', read.text],
};

/**
 * Reads the option `ssl` of the transport `transportName`, and the files it names.
 *
 * @throws UnknownOptionError for a name that is not known; InvalidOptionError for a value that is refused, a file that cannot be
 * read, and two names that mean the same.
 */
export function tlsOf(transportName: string, ssl: Readonly<Record<string, unknown>>): RedisTls {
  const where = `Transport "${transportName}"`;
  const tls: Record<string, unknown> = {};
  const setBy = new Map<string, string>();
  for (const [key, value] of Object.entries(ssl)) {
    if (value === undefined || value === null) {
      continue;
    }
    const name = toCamelCase(key);
    const [field, readValue] = settingOf(where, key, name);
    const set = refusing(where, `ssl[${key}]`, () => readValue(value));
    const other = setBy.get(field);
    if (other !== undefined && !isPhpPair(other, name)) {
      throw new InvalidOptionError(where, `ssl[${key}]`, `means the same as "${other}"; give one of them`);
    }
    setBy.set(field, name);
    // Of the two of PHP that decide on trust, the one that asks for none wins.
    tls[field] = tls[field] === false ? false : (set ?? tls[field]);
  }
  return checked(where, withKeyOfCertificate(where, withoutUndefined(tls)));
}

function settingOf(where: string, key: string, name: string): Setting {
  const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  if (setting === undefined) {
    const known = Object.keys(SETTINGS);
    throw new UnknownOptionError(where, `ssl[${key}]`, known, nearestName(name, known));
  }
  return setting;
}

function isPhpPair(...names: readonly string[]): boolean {
  return names.every((name) => name === 'verifyPeer' || name === 'allowSelfSigned');
}

function withoutUndefined(tls: Readonly<Record<string, unknown>>): RedisTls {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

/** PHP finds the key beside the certificate, if no file is named for it. */
function withKeyOfCertificate(where: string, tls: RedisTls): RedisTls {
  if (tls.cert === undefined || tls.key !== undefined) {
    return tls;
  }
  if (!String(tls.cert).includes('PRIVATE KEY-----')) {
    const reason =
      'has a certificate without its private key; name its file in "ssl[local_pk]", or give it as "ssl[key]"';
    throw new InvalidOptionError(where, 'ssl', reason);
  }
  return { ...tls, key: tls.cert };
}

/** A wrong passphrase, or a key of another certificate, shall be found at boot and not at each connection. */
function checked(where: string, tls: RedisTls): RedisTls {
  const { ca, cert, key, passphrase, ciphers } = tls;
  refusing(where, 'ssl', () => {
    try {
      createSecureContext({ ca, cert, key, passphrase, ciphers });
    } catch (error) {
      throw refusal(`is refused by OpenSSL: ${(error as Error).message}`);
    }
  });
  return tls;
}

function refusing<T>(where: string, option: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new InvalidOptionError(where, option, (error as Error).message);
  }
}

function readFunction(value: unknown): unknown {
  if (typeof value !== 'function') {
    throw refusal('must be a function');
  }
  return value;
}

function readPemFile(value: unknown, readContent = readPem): unknown {
  const file = readFileName(value);
  try {
    return readContent(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refusal(
      `names the file "${file}", which ${code === undefined ? message : `cannot be read (${code})`}`,
    );
  }
}

/** Its errors do not show the value, which may be a key that belongs elsewhere. */
function readFileName(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('-----BEGIN ')) {
    throw refusal('must be the name of a file; PEM texts belong into "ca", "cert" and "key"');
  }
  return value;
}

function readPem(value: unknown): unknown {
  if ((typeof value !== 'string' && !Buffer.isBuffer(value)) || !value.includes('-----BEGIN ')) {
    throw refusal('must hold PEM, which begins with "-----BEGIN"');
  }
  return value;
}

/** Node.js passes over what is no certificate, and then trusts nobody. */
function readCertificates(value: unknown): unknown {
  const pems: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (pems.length === 0 || !pems.every(isCertificate)) {
    throw refusal('must hold PEM certificates, which begin with "-----BEGIN CERTIFICATE-----"');
  }
  return value;
}

function isCertificate(pem: unknown): boolean {
  try {
    return new X509Certificate(readPem(pem) as string | Buffer).raw.length > 0;
  } catch {
    return false;
  }
}

/** A reader whose error does not show the value. */
function readSecret(value: unknown): string {
  if (typeof value !== 'string') {
    throw refusal('must be a text');
  }
  return value;
}
