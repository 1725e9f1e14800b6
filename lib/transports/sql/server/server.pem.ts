import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { InvalidOptionError } from '../../../errors/invalid-option.error.js';

/**
 * A wrong passphrase, or a key of another certificate, shall be found at boot and not at each connection.
 *
 * @param option the name of the option that names the key.
 * @throws InvalidOptionError
 */
export function assertUsableKey(
  where: string,
  option: string,
  { ca, cert, key, passphrase }: Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>,
): void {
  try {
    createSecureContext({ ca, cert, key, passphrase });
  } catch (error) {
    throw new InvalidOptionError(where, option, `is refused by OpenSSL: ${(error as Error).message}`);
  }
}

/**
 * The certificates in a file. Node.js passes over what is no certificate, and then trusts nobody.
 *
 * @param option the name of the option that names the file.
 * @throws InvalidOptionError
 */
export function certificatesIn(where: string, option: string, file: string): string {
  const pem = pemIn(where, option, file);
  try {
    new X509Certificate(pem);
    return pem;
  } catch {
    throw new InvalidOptionError(where, option, `names the file "${file}", which holds no certificate`);
  }
}

/**
 * The text of a PEM file.
 *
 * @param option the name of the option that names the file.
 * @throws InvalidOptionError
 */
export function pemIn(where: string, option: string, file: string): string {
  if (file.includes('-----BEGIN ')) {
    throw new InvalidOptionError(where, option, 'must be the name of a PEM file, and is its content');
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InvalidOptionError(where, option, `names the file "${file}", which cannot be read (${code})`);
  }
  if (!text.includes('-----BEGIN ')) {
    throw new InvalidOptionError(where, option, `names the file "${file}", which is no PEM file`);
  }
  return text;
}
