import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Certificates,
  type KeyPair,
  makeCertificates,
} from '../../integration/redis/support/certificates.js';

/** Puts a certificate into the files of a server, which does not read them yet: its own, or one for the same host by a stranger. */
export async function writeCertificate(
  certificates: Certificates | undefined,
  by: 'authority' | 'stranger',
): Promise<void> {
  if (certificates === undefined) {
    throw new TypeError('A server without TLS has no certificate.');
  }
  const { server } = certificates;
  const { cert, key } = by === 'authority' ? server : await signedByStranger();
  writeFileSync(server.certFile, cert);
  writeFileSync(server.keyFile, key);
}

async function signedByStranger(): Promise<KeyPair> {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-certificates-'));
  try {
    return (await makeCertificates(folder)).server;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
