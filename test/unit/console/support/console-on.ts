import type { INestApplicationContext } from '@nestjs/common';
import type { ExitCode } from '../../../../lib/console/exit-code.js';
import { CONSOLE_COMMANDS } from '../../../../lib/console/run-console.js';
import { runProgram } from '../../../../lib/console/run-program.js';
import { secretWatch } from '../../../support/watch-secrets.js';
import { FakeProcess } from './fake-process.js';
import { MemoryOutput } from './memory-output.js';
import { ScriptedPrompt } from './scripted-prompt.js';

/** What a run of the console came to. */
export interface ConsoleRun {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: () => unknown;
}

/** The surroundings of a run, as far as they are not the usual ones. */
export interface ConsoleSurroundings {
  readonly prompt?: ScriptedPrompt;
  readonly output?: MemoryOutput;
  readonly host?: FakeProcess;
}

/** Runs one command of the console on a booted application, in this process. The application goes on afterwards. */
export async function runConsoleOn(
  app: INestApplicationContext,
  argv: readonly string[],
  {
    prompt = new ScriptedPrompt(false),
    output = new MemoryOutput(),
    host = new FakeProcess(),
  }: ConsoleSurroundings = {},
): Promise<ConsoleRun> {
  const program = { name: 'console', description: 'The console.', commands: CONSOLE_COMMANDS };
  // The console closes what it has booted.
  const lent = Object.create(app, { close: { value: async () => undefined } }) as INestApplicationContext;
  const exitCode = await runProgram(program, () => lent, { argv, output, host, createPrompt: () => prompt });
  const { stdout, stderr } = output;
  secretWatch().search('console', `${stdout}\n${stderr}`);
  return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}
