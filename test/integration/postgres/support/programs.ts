import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEBIAN = '/usr/lib/postgresql';

/** The path of a program of the PostgreSQL server, which Debian keeps out of `PATH`. */
export function postgresProgram(name: 'initdb' | 'postgres'): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(DEBIAN, version, 'bin', name)).find(existsSync) ?? name;
}

/** As whom the servers run: they refuse to run as root. Nothing: as this user. */
export function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A folder that belongs to whom the servers run as. */
export function serverFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const user = serverUser();
  if (user !== undefined) {
    chownSync(folder, user.uid, user.gid);
  }
  chmodSync(folder, 0o700);
  return folder;
}
