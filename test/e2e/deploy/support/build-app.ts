import { execFileSync } from 'node:child_process';
import { ROOT } from './deploy-file.js';

/** Compiles the library and the sample application; does nothing if what is compiled is newer than the sources. */
export function buildApp(): void {
  const script =
    "import { build } from './sample-app/demo/build.mjs'; await build(process.cwd(), { note() {} });";
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT });
}
