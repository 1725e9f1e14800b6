import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { now } from './clock.mjs';

const HOST = fileURLToPath(new URL('../roles/host.mjs', import.meta.url));
const TIME_LIMIT = 120_000;
/** For each message to store: a peer may take long to store a million. */
const TIME_PER_MESSAGE = 0.5;
const STDERR_KEPT = 4_000;

/**
 * Starts a process that plays one role, described by `task`, and reports over IPC: `ready` once, then one result.
 *
 * @param {{ node: string, profile: string | undefined }} runtime
 * @param {Record<string, unknown>} task
 * @returns {import('../types.d.ts').RoleProcess}
 */
export function startRoleProcess(runtime, task) {
  const startedAt = now();
  const child = spawn(runtime.node, [...profileFlags(runtime.profile, task), HOST], {
    env: { ...process.env, BENCH_ROLE: JSON.stringify(task) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT + TIME_PER_MESSAGE * (task.count ?? 0));
  child.once('exit', () => clearTimeout(timer));
  const ended = collect(child, task);
  return { startedAt, ready: readiness(child, ended), result: ended };
}

function collect(child, task) {
  return new Promise((resolve, reject) => {
    let result;
    let complaint = '';
    child.stderr.on('data', (chunk) => (complaint = (complaint + chunk).slice(-STDERR_KEPT)));
    child.on('message', (message) => (result = message.result ?? result));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (result !== undefined) return resolve(result);
      reject(new Error(`${task.subject}, role ${task.role}: ended with ${signal ?? code}.\n${complaint}`));
    });
  });
}

function readiness(child, ended) {
  const ready = new Promise((resolve) => {
    child.on('message', (message) => message.ready === true && resolve());
  });
  return Promise.race([ready, ended]);
}

function profileFlags(directory, task) {
  if (directory === undefined) return [];
  mkdirSync(directory, { recursive: true });
  const name = `${task.subject}-${task.role}-${process.hrtime.bigint()}.cpuprofile`;
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}`];
}
