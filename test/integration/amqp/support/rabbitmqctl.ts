import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What an administrator types after `rabbitmqctl`. Takes about a second. Resolves with what it prints. */
export async function rabbitmqctl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('rabbitmqctl', ['--quiet', ...args], { timeout: 60_000 });
  return stdout;
}
