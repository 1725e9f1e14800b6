import { UsageError } from './options.mjs';
import { keyOf, runTests } from './vitest-run.mjs';

const USUAL = ['sqlite', 'redis', 'amqp', 'postgres'];

/** What takes as long as one likes, by its test for each transport. */
export const LONG_RUNS = {
  random: {
    title: 'Randomised run',
    transports: [...USUAL, 'mysql'],
    file: 'test/chaos/random/random.spec.ts',
    nameOn: (transport) =>
      `a randomised run > on ${transport} loses nothing, and handles again only what was in hand`,
  },
  soak: {
    title: 'Soak',
    transports: USUAL,
    file: 'test/chaos/soak/soak.run.ts',
    config: 'test/chaos/soak/vitest.config.mjs',
    nameOn: (transport) => `a soak > on ${transport} stays flat, and leaves nothing`,
  },
};

/**
 * Runs it on those of the transports that have it.
 *
 * @throws UsageError if none of them has.
 * @returns {Promise<ReadonlyArray<{ readonly transport: string, readonly state: string }>>}
 */
export async function runLong(root, what, transports, { env, output }) {
  const chosen = what.transports.filter((each) => transports.includes(each));
  if (chosen.length === 0) {
    throw new UsageError(
      `There is no ${what.title.toLowerCase()} on these transports. Known: ${what.transports.join(', ')}.`,
    );
  }
  const tests = chosen.map((transport) => ({ file: what.file, name: what.nameOn(transport) }));
  const results = await runTests({ root, tests, config: what.config, env, output });
  return chosen.map((transport, index) => ({
    transport,
    ...(results.get(keyOf(tests[index])) ?? { state: 'did not run', ms: 0 }),
  }));
}
