import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RedisNotInstalledError } from './redis-not-installed.error.js';

/** A key and its certificate, as PEM and as the files that hold it. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority that nobody knows, and what it signed: a server at 127.0.0.1 and `localhost`, and a client. */
export interface Certificates {
  readonly ca: string;
  readonly caFile: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

const run = promisify(execFile);

const CONFIG = `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
[server]
subjectAltName = IP:127.0.0.1, DNS:localhost
[client]
extendedKeyUsage = clientAuth
`;
const NEW_KEY = 'req -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
const SIGN = 'x509 -req -days 1 -CA ca.crt -CAkey ca.key -extfile openssl.cnf';

/**
 * Makes certificates that are good for a day, in `folder`.
 *
 * @throws RedisNotInstalledError without `openssl`
 */
export async function makeCertificates(folder: string): Promise<Certificates> {
  writeFileSync(join(folder, 'openssl.cnf'), CONFIG);
  await openssl(
    folder,
    `${NEW_KEY} -x509 -days 1 -extensions ca -subj /CN=messenger-ca -keyout ca.key -out ca.crt`,
  );
  const [server, client] = await Promise.all([sign(folder, 'server', 1), sign(folder, 'client', 2)]);
  const caFile = join(folder, 'ca.crt');
  return { ca: read(caFile), caFile, server, client };
}

async function sign(folder: string, name: 'server' | 'client', serial: number): Promise<KeyPair> {
  await openssl(folder, `${NEW_KEY} -subj /CN=messenger-${name} -keyout ${name}.key -out ${name}.csr`);
  await openssl(folder, `${SIGN} -extensions ${name} -set_serial ${serial} -in ${name}.csr -out ${name}.crt`);
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  return { cert: read(certFile), key: read(keyFile), certFile, keyFile };
}

async function openssl(folder: string, args: string): Promise<void> {
  try {
    await run('openssl', args.split(' '), { cwd: folder });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new RedisNotInstalledError('openssl') : error;
  }
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
