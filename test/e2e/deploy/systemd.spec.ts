import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adapted, deployFile } from './support/deploy-file.js';

const NAME = 'messenger-worker@.service';
const unit = deployFile(`systemd/${NAME}`);

/** What systemd says of a unit of a user; nothing if all is well. Its exit code is 0 for settings that it does not know. */
function verify(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, NAME), text);
  const { error, stderr, stdout } = spawnSync('systemd-analyze', ['--user', 'verify', join(folder, NAME)], {
    encoding: 'utf8',
    env: { ...process.env, XDG_RUNTIME_DIR: folder },
  });
  if (error !== undefined) {
    throw error;
  }
  return `${stdout}${stderr}`.trim();
}

describe('the systemd unit of the sample application', () => {
  it('is accepted by systemd', () => {
    expect(verify(adapted(unit, ['/usr/bin/node', process.execPath]))).toBe('');
  });

  it('would be found out if it were wrong', () => {
    expect(verify(adapted(unit, ['TimeoutStopSec=', 'TimeoutStopSeconds=']))).toContain('Unknown key');
  });

  it('gives each instance a consumer name of its own, and more time to stop than a worker takes', () => {
    const settings = new Map(
      [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
    );

    expect(unit).toMatch(/^Environment=MESSENGER_CONSUMER_NAME=.*%i$/m);
    // Its --grace, and what the application may take to close.
    expect(Number(settings.get('TimeoutStopSec'))).toBeGreaterThan(30 + 10);
    expect(settings.get('Restart')).toBe('always');
  });
});
