import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../lib/errors/invalid-option.error.js';
import { Dsn } from '../../../lib/transport/dsn.js';
import { resolveMysqlOptions } from '../../../lib/transports/sql/server/mysql/mysql.options.js';
import { makeCertificates } from '../../integration/redis/support/certificates.js';
import { temporaryFolder } from '../../integration/sqlite/setup.js';

function tlsOf(query: Readonly<Record<string, string>>, host = 'db'): unknown {
  const dsn = new Dsn(`mysql://${host}/shop?${new URLSearchParams(query).toString()}`, 'async');
  return resolveMysqlOptions('async', dsn).endpoint.config['ssl'];
}

function errorOf(query: Readonly<Record<string, string>>, host?: string): string {
  try {
    tlsOf(query, host);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
}

describe('TLS of a MySQL transport', () => {
  it.each([
    [{}, undefined],
    [{ 'ssl-mode': 'DISABLED' }, undefined],
    [{ 'ssl-mode': 'REQUIRED' }, { rejectUnauthorized: false, verifyIdentity: false }],
    [{ ssl_mode: 'verify_ca' }, { rejectUnauthorized: true, verifyIdentity: false }],
    [{ 'ssl-mode': 'verify-identity' }, { rejectUnauthorized: true, verifyIdentity: true }],
  ])('with %j', (query, tls) => {
    expect(tlsOf(query as Record<string, string>)).toEqual(tls);
  });

  it('compares names by default as soon as there is a certificate', async () => {
    const { caFile, ca, client } = await makeCertificates(temporaryFolder());
    expect(tlsOf({ 'ssl-ca': caFile })).toEqual({ ca, rejectUnauthorized: true, verifyIdentity: true });
    expect(tlsOf({ 'ssl-cert': client.certFile, 'ssl-key': client.keyFile })).toEqual({
      cert: client.cert,
      key: client.key,
      rejectUnauthorized: true,
      verifyIdentity: true,
    });
  });

  it('cannot compare a certificate with an address, as mysql2 would take "localhost" for it', () => {
    expect(errorOf({ 'ssl-mode': 'verify_identity' }, '10.0.0.1')).toContain('the address "10.0.0.1"');
    expect(errorOf({ 'ssl-mode': 'verify_identity' }, '%2Frun%2Fm.sock')).toContain('a socket');
    expect(tlsOf({ 'ssl-mode': 'verify_ca' }, '10.0.0.1')).toMatchObject({ rejectUnauthorized: true });
  });

  it('refuses what does not fit together', async () => {
    const folder = temporaryFolder();
    const { caFile, client, server } = await makeCertificates(folder);
    const noPem = join(folder, 'no.pem');
    writeFileSync(noPem, 'nothing');
    expect(errorOf({ 'ssl-mode': 'disabled', 'ssl-ca': caFile })).toContain('there are certificates for TLS');
    expect(errorOf({ 'ssl-cert': client.certFile })).toContain('"ssl-key" is missing');
    expect(errorOf({ 'ssl-key': client.keyFile })).toContain('"ssl-cert" is missing');
    expect(errorOf({ 'ssl-ca': noPem })).toContain('which is no PEM file');
    expect(errorOf({ 'ssl-ca': client.keyFile })).toContain('which holds no certificate');
    expect(errorOf({ 'ssl-ca': '/nowhere' })).toContain('which cannot be read (ENOENT)');
    expect(errorOf({ 'ssl-cert': client.certFile, 'ssl-key': server.keyFile })).toContain(
      'is refused by OpenSSL',
    );
  });
});
