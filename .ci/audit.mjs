// `npm run audit`: asks the registry whether a weakness of a dependency is known. Fails if so; says so clearly if it cannot be asked,
// which is no failure: a build without the network must not depend on it.
import { spawnSync } from 'node:child_process';

const TIMEOUT_MS = 60_000;

const { stdout, stderr, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: TIMEOUT_MS,
  shell: process.platform === 'win32',
});

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const report = parsed(stdout ?? '');
const counts = report?.metadata?.vulnerabilities;
if (counts === undefined) {
  const reason = report?.message ?? report?.error?.summary ?? error?.message ?? stderr?.split('\n')[0];
  console.warn(
    `WARNING: the dependencies were NOT audited, since the registry does not answer: ${reason || 'no reason given'}.`,
  );
  console.warn('Run "npm run audit" where it does, before a release.');
} else if (counts.total === 0) {
  console.log(
    `No weakness is known of the ${report.metadata.dependencies?.prod ?? ''} packages that are installed with this one.`,
  );
} else {
  for (const { name, severity, range } of Object.values(report.vulnerabilities)) {
    console.error(`${severity}: ${name} ${range}`);
  }
  console.error(`${counts.total} package(s) with a known weakness. See "npm audit --omit=dev".`);
  process.exitCode = 1;
}
