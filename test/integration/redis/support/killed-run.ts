import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';

const COMMONJS = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
const MODULES = join(__dirname, '../../../../node_modules');
const START = `
const { RedisInstance } = require('./redis-instance.js');
RedisInstance.start({}).then(({ folder, port }) => console.log(JSON.stringify({ folder, port })));
`;

/** What a process left behind that started a server and got SIGKILL as soon as the server ran. */
export async function killedRun(): Promise<{ readonly folder: string; readonly port: number }> {
  const compiled = compile();
  try {
    const child = spawn(process.execPath, ['-e', START], {
      cwd: compiled,
      env: { ...process.env, NODE_PATH: MODULES },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    await once(child, 'exit');
    return JSON.parse(line.toString()) as { folder: string; port: number };
  } finally {
    rmSync(compiled, { recursive: true });
  }
}

/** This folder as CommonJS. */
function compile(): string {
  const output = mkdtempSync(join(tmpdir(), 'messenger-killed-'));
  for (const name of readdirSync(__dirname).filter((file) => file.endsWith('.ts'))) {
    const source = readFileSync(join(__dirname, name), 'utf8');
    const { outputText } = ts.transpileModule(source, { compilerOptions: COMMONJS });
    writeFileSync(join(output, name.replace(/ts$/, 'js')), outputText);
  }
  return output;
}
