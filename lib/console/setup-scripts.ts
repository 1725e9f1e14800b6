import { summarizeError } from '../failure/flatten-error.js';
import { hasSetupScript } from '../transport/capabilities.js';
import type { TransportRegistry } from '../transport/transport-registry.js';
import { EXIT_CODE, type ExitCode } from './exit-code.js';
import { writeJson } from './json-output.js';
import type { Output } from './output.js';
import { printable } from './printable.js';
import { quoted } from '../errors/quoted.js';

/** Statements and the transports that need them: those on one table need the same. */
interface SetupScript {
  readonly transports: readonly string[];
  readonly statements: readonly string[];
}

/** What is to be printed for some transports. */
interface SetupScripts {
  readonly scripts: readonly SetupScript[];
  readonly without: readonly string[];
  readonly failures: ReadonlyArray<{ readonly name: string; readonly error: string }>;
}

/**
 * Prints the statements with which `setup-transports` would set up `names` where there is nothing yet. Connects to nothing.
 *
 * @returns failed if there is nothing to print, or something could not be.
 */
export async function printSetupScripts(
  names: readonly string[],
  transports: TransportRegistry,
  output: Output,
  format: 'text' | 'json',
): Promise<ExitCode> {
  const { scripts, without, failures } = await scriptsOf(names, transports);
  if (format === 'json') {
    writeJson(output, { scripts, transports_without_script: without, failures });
  } else {
    output.write(scripts.map(sqlOf).join('\n'));
  }
  failures.forEach(({ name, error }) =>
    output.writeError(`Could not get the statements of "${name}". ${printable(error)}\n`),
  );
  if (without.length > 0) {
    output.writeError(`No SQL sets up ${quoted(without)}.\n`);
  }
  return failures.length > 0 || scripts.length === 0 ? EXIT_CODE.failed : EXIT_CODE.done;
}

async function scriptsOf(names: readonly string[], transports: TransportRegistry): Promise<SetupScripts> {
  const scripts = new Map<
    string,
    { readonly transports: string[]; readonly statements: readonly string[] }
  >();
  const without: string[] = [];
  const failures: Array<{ name: string; error: string }> = [];
  for (const name of names) {
    const transport = transports.get(name);
    if (!hasSetupScript(transport)) {
      without.push(name);
      continue;
    }
    try {
      const statements = await transport.setupSql();
      const key = statements.join(';');
      const known = scripts.get(key);
      known?.transports.push(name);
      scripts.set(key, known ?? { transports: [name], statements });
    } catch (error) {
      failures.push({ name, error: summarizeError(error).message });
    }
  }
  return { scripts: [...scripts.values()], without, failures };
}

function sqlOf({ transports, statements }: SetupScript): string {
  const title = `-- Transport${transports.length > 1 ? 's' : ''} ${printable(quoted(transports))}`;
  return [title, ...statements.map((statement) => `${statement};`), ''].join('\n');
}
