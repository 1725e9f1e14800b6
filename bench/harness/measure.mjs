import { startRoleProcess } from './role-process.mjs';
import { medians } from './statistics.mjs';

/**
 * Runs one workload: every subject once, then every subject again, so that a slow minute of the machine hits them all.
 *
 * @param {ReturnType<import('./plan.mjs').planRun>[number]} step
 * @param {import('../types.d.ts').Bench} bench
 * @param {(line: string) => void} report
 * @returns {Promise<import('../types.d.ts').Outcome>}
 */
export async function measure({ transport, workload, subjects }, bench, report) {
  const samples = new Map(subjects.map((subject) => [subject, []]));
  for (let run = 1; run <= bench.settings.runs; run++) {
    for (const subject of subjects) {
      report(`${transport.name} ${workload.name}, run ${run} of ${bench.settings.runs}: ${subject.name}`);
      samples.get(subject).push(await workload.run(subject, bench));
    }
  }
  const rows = subjects.map((subject) => ({
    subject: subject.name,
    kind: subject.kind,
    medians: medians(samples.get(subject)),
    samples: samples.get(subject),
  }));
  const columns = workload
    .columns(bench.settings)
    .filter(({ metric }) => rows.some(({ medians: figures }) => figures[metric] !== undefined));
  return { transport: transport.name, workload: workload.name, title: workload.title, columns, rows };
}

/**
 * @param {import('../types.d.ts').Transport} transport
 * @param {{ node: string, profile: string | undefined }} runtime
 * @param {import('../types.d.ts').Settings} settings
 * @returns {import('../types.d.ts').Bench}
 */
export function createBench(transport, runtime, settings) {
  return {
    settings,
    play: (subject, role, task) => startRoleProcess(runtime, { ...task, subject: subject.name, role }),
    async withStore(_subject, use) {
      const store = await transport.open();
      try {
        return await use(store.address, store);
      } finally {
        await store.close();
      }
    },
  };
}
