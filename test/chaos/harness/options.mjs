import { parseArgs } from 'node:util';

export const USAGE = `npm run chaos -- [options]

  --scenario=N[,N]        only these scenarios, by number
  --transport=NAME[,NAME] only these transports
  --random                instead of the scenarios: faults and messages by chance, on sqlite, redis, amqp and postgres
  --seed=N                plans the randomised run as one with this seed was planned; without it each run prints its own
  --minutes=N             how long the randomised run lasts, or the soak. Either of these two means --random. 1 without it
  --soak                  instead: half of full speed, and whether memory, handles and connections stay where they are
  --without-protections   take each protection out of a copy of the library, and see that its tests notice
  --results=FILE          write the results as a table in Markdown to FILE, into its place if that is a page which has one
  --json                  write the results as JSON to the standard output, and nothing else there
  --help
`;

/** What is wrong with the command line. */
export class UsageError extends Error {}

/**
 * @param {readonly string[]} args
 * @param {{ readonly scenarios: readonly number[], readonly transports: readonly string[] }} known
 */
export function parseOptions(args, known) {
  const { values } = parse(args);
  return {
    scenarios: chosen('scenario', values.scenario, known.scenarios.map(String)).map(Number),
    transports: chosen('transport', values.transport, known.transports),
    seed: whole('seed', values.seed),
    minutes: positive('minutes', values.minutes),
    soak: values.soak ?? false,
    random: isRandom(values),
    withoutProtections: values['without-protections'] ?? false,
    results: values.results,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function parse(args) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string' },
        transport: { type: 'string' },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        random: { type: 'boolean' },
        soak: { type: 'boolean' },
        'without-protections': { type: 'boolean' },
        results: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error.message}\n\n${USAGE}`);
  }
}

/** Who gives a seed or a time means what they are for. */
function isRandom({ random, soak, seed, minutes }) {
  return random ?? (soak !== true && (seed !== undefined || minutes !== undefined));
}

function chosen(name, given, known) {
  if (given === undefined) return known;
  const names = given.split(',').map((each) => each.trim());
  const unknown = names.find((each) => !known.includes(each));
  if (unknown !== undefined) {
    throw new UsageError(`There is no ${name} "${unknown}". Known: ${known.join(', ')}.`);
  }
  return names;
}

function whole(name, given) {
  if (given !== undefined && !/^\d{1,10}$/.test(given)) {
    throw new UsageError(`--${name} must be a whole number of up to ten digits, got "${given}".`);
  }
  return given;
}

function positive(name, given) {
  if (given !== undefined && !(Number(given) > 0)) {
    throw new UsageError(`--${name} must be a number above 0, got "${given}".`);
  }
  return given;
}
