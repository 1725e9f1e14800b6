import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../architecture/source-files.js';

const run = promisify(execFile);

/** What `npm run chaos` answers. */
async function chaos(...args: readonly string[]) {
  return run(process.execPath, ['test/chaos/run.mjs', ...args], { cwd: ROOT }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string },
  );
}

describe('npm run chaos', () => {
  it.each([
    [['--scenario=1,41'], /^There is no scenario "41"\. Known: 1, 2, 3, .*40\.\n$/],
    [['--seed=-1'], /^--seed must be a whole number of up to ten digits, got "-1"\.\n$/],
    [
      ['--soak', '--transport=mysql'],
      /^There is no soak on these transports\. Known: sqlite, redis, amqp, postgres\.\n$/,
    ],
    [
      ['--minutes=1', '--transport=in-memory'],
      /^There is no randomised run on these transports\. Known: sqlite, redis, amqp, postgres, mysql\.\n$/,
    ],
    [['--sceanrio=1'], /^Unknown option '--sceanrio'[^]*npm run chaos -- \[options\]/],
  ])('ends with 2 and says what is known, given %j', async (args, message) => {
    expect(await chaos(...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message) as string,
    });
  });

  it('tells in JSON why nothing is to be run, without colours', async () => {
    const { code, stdout } = await chaos('--scenario=1', '--transport=in-memory', '--json');
    expect(code).toBe(0);
    const { commit, outcomes } = JSON.parse(stdout) as {
      readonly commit: string;
      readonly outcomes: readonly object[];
    };
    expect(commit).toMatch(/^([0-9a-f]{7,}(, with changes)?|unknown)$/);
    expect(outcomes).toEqual([
      {
        scenario: 1,
        title: 'A worker is killed while its handler runs',
        transport: 'in-memory',
        state: 'n/a',
        tests: [],
        why: 'What is in memory ends with its process, and is promised to nobody after that.',
      },
    ]);
  });
});
