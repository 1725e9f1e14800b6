import type { Finding } from '../../transport/finding.js';
import type { ConsoleCommand } from '../command.js';
import { diagnose, type TransportDiagnosis } from '../diagnosis.js';
import { EXIT_CODE } from '../exit-code.js';
import { writeJson } from '../json-output.js';
import { knownName } from '../known-names.js';
import type { Output } from '../output.js';
import { printableLine } from '../printable.js';

interface Options {
  readonly strict?: boolean;
  readonly accept: readonly string[];
}

/** A finding, and whether it is known and accepted. */
interface JudgedFinding extends Finding {
  readonly accepted: boolean;
}

interface JudgedTransport extends TransportDiagnosis {
  readonly findings: readonly JudgedFinding[];
}

/** `doctor [names…]`: what may lose messages. */
export const doctorCommand: ConsoleCommand<Options> = {
  name: 'doctor',
  summary: 'Look for what may lose messages; the exit code is for CI',

  define(line) {
    line
      .argument('[names...]', 'only these transports')
      .option(
        '--accept <code>',
        'do not fail because of this finding; repeat it for more',
        (code: string, codes: readonly string[]) => [...codes, code],
        [],
      )
      .option('--strict', 'fail because of advice, and of what could not be checked, as well');
  },

  async run({ messenger, args, options, output, format }) {
    const { accept, strict = false } = options;
    const known = messenger.transports.names();
    const names = args.length === 0 ? known : args.map((name) => knownName('transport', name, known));
    const transports = (await diagnose(messenger, names)).map((diagnosis) => judged(diagnosis, accept));
    const isHealthy = transports.every((transport) => isWell(transport, strict));
    if (format === 'json') {
      writeJson(output, { healthy: isHealthy, transports });
    } else {
      transports.forEach((transport) => writeTransport(output, transport));
      output.write(`${conclusion(transports)}\n`);
    }
    const found = new Set(transports.flatMap(({ findings }) => findings.map(({ code }) => code)));
    for (const code of accept.filter((each) => !found.has(each))) {
      output.writeError(`Nothing was found with the code "${code}" of --accept.\n`);
    }
    return isHealthy ? EXIT_CODE.done : EXIT_CODE.failed;
  },
};

function judged(diagnosis: TransportDiagnosis, accept: readonly string[]): JudgedTransport {
  return {
    ...diagnosis,
    findings: diagnosis.findings.map((finding) => ({ ...finding, accepted: accept.includes(finding.code) })),
  };
}

function isWell({ status, findings }: JudgedTransport, strict: boolean): boolean {
  return (
    status !== 'unreachable' &&
    findings.every(({ level, accepted }) => accepted || (level !== 'loss' && !strict))
  );
}

function writeTransport(output: Output, { name, status, error, findings }: JudgedTransport): void {
  const state = status === 'checked' ? (findings.length === 0 ? 'nothing was found.' : '') : `${status}.`;
  output.write(`Transport "${name}"${state === '' ? '' : `: ${state}`}\n`);
  if (error !== undefined) {
    output.write(`  ${printableLine(error)}\n`);
  }
  for (const { level, code, problem, remedy, accepted } of findings) {
    output.write(
      `  ${level.padEnd(9)}  ${code}${accepted ? ' (accepted)' : ''}: ${printableLine(problem)}\n`,
    );
    output.write(`             ${printableLine(remedy)}\n`);
  }
}

function conclusion(transports: readonly JudgedTransport[]): string {
  const open = transports.flatMap(({ findings }) => findings.filter(({ accepted }) => !accepted));
  const count = (level: Finding['level']): number => open.filter((finding) => finding.level === level).length;
  const unreachable = transports.filter(({ status }) => status === 'unreachable').length;
  const parts = [
    ...(unreachable > 0 ? [`${unreachable} transport(s) could not be reached`] : []),
    ...(count('loss') > 0 ? [`${count('loss')} finding(s) may lose messages`] : []),
    ...(count('advice') > 0 ? [`${count('advice')} advice`] : []),
    ...(count('unchecked') > 0 ? [`${count('unchecked')} not checked`] : []),
  ];
  return parts.length === 0 ? 'Nothing was found that may lose messages.' : `${parts.join(', ')}.`;
}
